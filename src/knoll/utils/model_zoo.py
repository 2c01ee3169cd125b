"""`torch.utils.model_zoo`: an older name of what `knoll.hub` has."""

from __future__ import annotations

from knoll.hub import load_state_dict_from_url

__all__ = ["load_url"]

load_url = load_state_dict_from_url
