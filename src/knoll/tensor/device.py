"""Devices: others can be named, numbers lie on one, the processor."""

from __future__ import annotations

from typing import TypeAlias

from knoll.errors import StateError, UnsupportedError
from knoll.messages import say

__all__ = ["device"]

ACCELERATORS = ("cuda", "mps", "xpu", "hip", "mkldnn", "meta", "xla", "npu")


class device:  # noqa: N801 (as torch.device)
    """Where numbers lie: `cpu`. An accelerator can be named, as a default of an argument, and asked for nothing.

    Raises StateError for a word that names no device.

    >>> import knoll
    >>> knoll.device("cpu") == "cpu", knoll.device("cuda:1")
    (True, device(type='cuda', index=1))
    """

    type: str
    index: int | None

    def __init__(self, name: device | str = "cpu", index: int | None = None) -> None:
        kind, colon, number = str(name).partition(":")
        if kind not in ("cpu", *ACCELERATORS):
            raise StateError(f"Expected one of cpu, cuda device type at start of device string: {name}")
        if colon and not number.isdecimal():
            raise StateError(f"Invalid device string: '{name}'")
        own = name.index if isinstance(name, device) else int(number) if colon else None
        self.type, self.index = kind, index if own is None else own

    def __eq__(self, other: object) -> bool:
        if isinstance(other, device) and self.type != "cpu":
            return (self.type, self.index) == (other.type, other.index)
        return str(other).split(":")[0] == self.type if isinstance(other, (device, str)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.type)

    def __str__(self) -> str:
        return self.type if self.index is None or self.type == "cpu" else f"{self.type}:{self.index}"

    def __repr__(self) -> str:
        return f"device(type='{self.type}'{'' if self.index is None else f', index={self.index}'})"


def on_cpu(name: device | str) -> device:
    """The device of this name, which numbers shall lie on. Raises UnsupportedError for an accelerator.

    >>> on_cpu("cpu:0")
    device(type='cpu', index=0)
    """
    if name is CPU:
        return CPU
    wanted = device(name)
    if wanted.type != "cpu":
        if wanted.type == "cuda":
            raise UnsupportedError(say("tensor.no_cuda"), advice=say("tensor.cuda"))
        raise UnsupportedError(say("tensor.no_device", device=wanted.type), advice=say("tensor.cpu"))
    return wanted


Device: TypeAlias = device | str | None  # where numbers lie: there is one device, "cpu"
CPU = device()
