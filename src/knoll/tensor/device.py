"""Devices: there is one, the processor."""

from __future__ import annotations

from typing import TypeAlias

from knoll.errors import StateError, UnsupportedError
from knoll.messages import say

ACCELERATORS = ("cuda", "mps", "xpu", "hip", "mkldnn", "meta", "xla", "npu")


class device:  # noqa: N801 (as torch.device)
    """Where a tensor lies: always `cpu`.

    Raises UnsupportedError for an accelerator, StateError for a word that names no device.

    >>> device("cpu") == "cpu", device("cpu")
    (True, device(type='cpu'))
    """

    type = "cpu"
    index: int | None = None

    def __init__(self, name: device | str = "cpu", index: int | None = None) -> None:
        word = str(name)
        kind = word.split(":")[0]
        if kind in ACCELERATORS:
            raise UnsupportedError(say("tensor.no_cuda"), advice=say("tensor.cuda"))
        if kind != "cpu":
            raise StateError(f"Expected one of cpu, cuda device type at start of device string: {word}")
        self.index = int(word.split(":")[1]) if ":" in word else index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, device) or (isinstance(other, str) and other.split(":")[0] == "cpu")

    def __hash__(self) -> int:
        return hash("cpu")

    def __str__(self) -> str:
        return "cpu"

    def __repr__(self) -> str:
        return "device(type='cpu')" if self.index is None else f"device(type='cpu', index={self.index})"


Device: TypeAlias = device | str | None  # where numbers lie: there is one device, "cpu"
CPU = device()
