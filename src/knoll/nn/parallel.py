"""`torch.nn.parallel`: what spreads a network over several devices. There is one, and one process uses all its cores.

https://pytorch.org/docs/stable/nn.html#module-torch.nn.parallel
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.absent import absent

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Say what to write in place of a name that is not there."""
        raise absent(__name__, name, ())
