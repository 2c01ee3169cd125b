"""What programs ask before they choose a device: there is no graphics card here.

https://pytorch.org/docs/stable/cuda.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.absent import absent
from knoll.cuda import amp as amp

_initialized = False  # programs that replay random numbers ask whether a graphics card was used


class OutOfMemoryError(RuntimeError):
    """What programs catch when a graphics card has no more memory: never raised, as there is none."""


def is_available() -> bool:
    """Whether Knoll computes on a graphics card: it does not.

    >>> from knoll import cuda
    >>> "cuda" if cuda.is_available() else "cpu"
    'cpu'
    """
    return False


def is_initialized() -> bool:
    """Whether a graphics card is in use: none is."""
    return False


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether a graphics card computes in bfloat16: there is none."""
    return False


def device_count() -> int:
    """How many graphics cards Knoll computes on: none."""
    return 0


def set_device(device: object) -> None:
    """Choose a graphics card: there is none."""


def seed() -> None:
    """Seed a graphics card: there is none."""


def manual_seed(seed: int) -> None:
    """Seed a graphics card: there is none. `knoll.manual_seed` seeds the processor."""


def seed_all() -> None:
    """Seed all graphics cards: there is none."""


def manual_seed_all(seed: int) -> None:
    """Seed all graphics cards: there is none. `knoll.manual_seed` seeds the processor."""


def get_rng_state_all() -> list[object]:
    """Where the random numbers of all graphics cards stand: there are none."""
    return []


def set_rng_state_all(new_states: object) -> None:
    """Go on with the random numbers of all graphics cards: there are none."""


def memory_allocated(device: object = None) -> int:
    """Bytes of tensors on a graphics card: none."""
    return 0


def max_memory_allocated(device: object = None) -> int:
    """The most bytes of tensors that were on a graphics card: none."""
    return 0


def memory_reserved(device: object = None) -> int:
    """Bytes held for tensors on a graphics card: none."""
    return 0


def max_memory_reserved(device: object = None) -> int:
    """The most bytes that were held on a graphics card: none."""
    return 0


def reset_peak_memory_stats(device: object = None) -> None:
    """Forget the most bytes: there are none."""


def empty_cache() -> None:
    """Give back the memory of graphics cards: there is none."""


def synchronize(device: object = None) -> None:
    """Wait for a graphics card: there is nothing to wait for."""


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Say what to write in place of a name that is not there."""
        raise absent(__name__, name, [each for each in globals() if not each.startswith("_")])
