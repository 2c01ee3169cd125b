"""`torch.utils.data.distributed`: what shares samples among processes. There is one process, which takes all of them.

https://pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.absent import absent

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Say what to write in place of a name that is not there."""
        raise absent(__name__, name, ())
