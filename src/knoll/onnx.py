"""`torch.onnx`: files that other programs run. Knoll writes none of whole networks.

https://pytorch.org/docs/stable/onnx.html
"""

from __future__ import annotations

from typing import Any, NoReturn

from knoll.errors import UnsupportedError
from knoll.messages import say


def export(*_: Any, **__: Any) -> NoReturn:
    """Refuse: a file of ONNX cannot be written."""
    raise UnsupportedError(say("nn.no_onnx"), advice=say("nn.no_onnx_advice"))


def is_in_onnx_export() -> bool:
    """Whether a file is being written: none is."""
    return False
