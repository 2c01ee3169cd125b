"""Switches that programs set for PyTorch: they are remembered, and change nothing, as there is one way to compute here.

Results are the same in every run and for any number of threads (`deterministic`), products are of full precision, and
numbers lie on the processor.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import DTypeLike

from knoll.errors import ArgumentTypeError, StateError, UnsupportedError, warn
from knoll.graph.spec import DType
from knoll.messages import say
from knoll.tensor.arguments import truth
from knoll.tensor.device import device as Device
from knoll.tensor.device import on_cpu
from knoll.tensor.dtypes import dtype_of, float32

_LEVELS = ("default", "warn", "error")
_PRECISIONS = ("highest", "high", "medium")


class _Switches:
    level = 0  # of determinism
    precision = "highest"
    interop_threads = 1
    warn_always = False


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Ask for operations that give the same numbers in every run, as all of them do.

    Source: https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html

    >>> import knoll
    >>> knoll.use_deterministic_algorithms(True)
    >>> knoll.are_deterministic_algorithms_enabled()
    True
    >>> knoll.use_deterministic_algorithms(False)
    """
    asked = truth(mode, "_set_deterministic_algorithms", "mode", 1)
    only = truth(warn_only, "_set_deterministic_algorithms", "warn_only")
    _Switches.level = (1 if only else 2) if asked else 0


def are_deterministic_algorithms_enabled() -> bool:
    """Whether `use_deterministic_algorithms` was asked for."""
    return _Switches.level > 0


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Whether it was asked for with `warn_only`."""
    return _Switches.level == 1


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """As `use_deterministic_algorithms`: "default" or 0, "warn" or 1, "error" or 2. Raises StateError."""
    if not isinstance(debug_mode, (int, str)):
        raise ArgumentTypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    if isinstance(debug_mode, str):
        if debug_mode not in _LEVELS:
            levels = ", ".join(f"`{level}`" for level in _LEVELS)
            raise StateError(f"invalid value of debug_mode, expected one of {levels}, but got {debug_mode}")
        debug_mode = _LEVELS.index(debug_mode)
    if debug_mode not in range(3):
        raise StateError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    _Switches.level = int(debug_mode)


def get_deterministic_debug_mode() -> int:
    """0, 1 or 2: see `set_deterministic_debug_mode`."""
    return _Switches.level


def set_float32_matmul_precision(precision: str) -> None:
    """Allow products of fewer bits, which would be faster on other machines: they have all bits of float32 here.

    Source: https://pytorch.org/docs/stable/generated/torch.set_float32_matmul_precision.html

    >>> import knoll
    >>> knoll.set_float32_matmul_precision("high")
    >>> knoll.get_float32_matmul_precision()
    'high'
    >>> knoll.set_float32_matmul_precision("highest")
    """
    if not isinstance(precision, str):
        raise StateError(f"set_float32_matmul_precision expects a str, but got {type(precision).__name__}")
    if precision in _PRECISIONS:
        _Switches.precision = precision
    else:
        warn(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current"
            "setFloat32MatmulPrecision call has no effect."
        )


def get_float32_matmul_precision() -> str:
    """What `set_float32_matmul_precision` allows."""
    return _Switches.precision


def set_flush_denormal(mode: bool) -> bool:
    """Take denormal numbers for zero, which networks and optimisers do anyway: see docs/accuracy.md. Returns True."""
    if not isinstance(mode, bool):
        raise StateError(f"flush_denormal expects a bool, but got {type(mode).__name__}")
    return True


def set_num_interop_threads(count: int) -> None:
    """Allow operations beside each other: one program uses all threads instead. See `set_num_threads`."""
    if not isinstance(count, int) or isinstance(count, bool):
        raise StateError(f"set_num_interop_threads expects an int, but got {type(count).__name__}")
    if count < 1:
        raise StateError("set_num_interop_threads expects a positive integer")
    _Switches.interop_threads = count


def get_num_interop_threads() -> int:
    """What `set_num_interop_threads` allows."""
    return _Switches.interop_threads


def set_warn_always(b: bool) -> None:
    """Repeat warnings that PyTorch gives once: Python's filters decide here."""
    if not isinstance(b, bool):
        raise StateError(f"setWarnOnlyOnce expects a bool, but got {type(b).__name__}")
    _Switches.warn_always = b


def is_warn_always_enabled() -> bool:
    """What `set_warn_always` was told."""
    return _Switches.warn_always


def set_default_device(device: Device | str | None) -> None:
    """Where tensors lie that are given no device: on the processor. Raises UnsupportedError for another.

    >>> import knoll
    >>> knoll.set_default_device("cpu")
    >>> knoll.get_default_device()
    device(type='cpu')
    """
    if device is not None:
        on_cpu(device)


def get_default_device() -> Device:
    """The processor."""
    return Device("cpu")


def get_default_dtype() -> DType:
    """The element type of floats that nobody gives one: float32."""
    return float32


def set_default_dtype(d: DTypeLike) -> None:
    """Take float32 as the type of floats. Raises UnsupportedError for another."""
    if dtype_of(d) != float32:
        raise UnsupportedError(say("tensor.default_dtype"), advice=say("tensor.default_dtype_advice"))


def set_default_tensor_type(t: Any) -> None:
    """As `set_default_dtype`, by the class of a tensor or its name, as older programs write.

    Raises UnsupportedError for another than FloatTensor.
    """
    name = t if isinstance(t, str) else getattr(t, "__name__", str(t))
    *path, kind = name.split(".")
    if "cuda" in path:
        raise ArgumentTypeError(f"type {name} not available. Torch not compiled with CUDA enabled.")
    types: dict[str, DTypeLike] = {"FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16"}
    if kind not in types:
        raise ArgumentTypeError("only floating-point types are supported as the default type")
    set_default_dtype(types[kind])


def is_autocast_enabled(device_type: str = "cpu") -> bool:  # noqa: ARG001 (PyTorch's)
    """Whether fewer bits than those of the tensors are taken: they are not."""
    return False
