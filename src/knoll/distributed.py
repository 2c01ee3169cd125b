"""`torch.distributed`: processes that train one network together. There is one, which uses all cores.

https://pytorch.org/docs/stable/distributed.html
"""

from __future__ import annotations

from typing import Any, NoReturn

from knoll.errors import UnsupportedError
from knoll.messages import say


def is_available() -> bool:
    """Whether processes can train together: they cannot.

    >>> from knoll import distributed
    >>> distributed.is_available() and distributed.is_initialized()
    False
    """
    return False


def is_initialized() -> bool:
    """Whether this process is one of several: it is not."""
    return False


def is_torchelastic_launched() -> bool:
    """Whether PyTorch's launcher started this process: that is not asked."""
    return False


def get_rank(group: object = None) -> int:
    """The number of this process: 0, as there is one."""
    return 0


def get_world_size(group: object = None) -> int:
    """How many processes there are: one."""
    return 1


def barrier(group: object = None) -> None:
    """Wait for the other processes: there are none."""


def destroy_process_group(group: object = None) -> None:
    """Part from the other processes: there are none."""


def init_process_group(*_: Any, **__: Any) -> NoReturn:
    """Refuse: the processes would each train a network of their own."""
    raise UnsupportedError(say("nn.no_processes"), advice=say("nn.absent_distributed"))
