"""All rivals, one file a library; naming them imports none of the libraries."""

from __future__ import annotations

from benchmarks.rivals import knoll, ncnn, onnxruntime, openvino, torch_channels_last, torch_compiled, torch_eager
from benchmarks.rivals.rival import Rival

FILES: dict[str, tuple[Rival, ...]] = {
    "knoll": knoll.RIVALS,
    "torch_eager": torch_eager.RIVALS,
    "torch_channels_last": torch_channels_last.RIVALS,
    "torch_compiled": torch_compiled.RIVALS,
    "onnxruntime": onnxruntime.RIVALS,
    "openvino": openvino.RIVALS,
    "ncnn": ncnn.RIVALS,
}

RIVALS = tuple(rival for rivals in FILES.values() for rival in rivals)


def rival_named(name: str) -> Rival:
    """The rival with that name in the tables."""
    return next(rival for rival in RIVALS if rival.name == name)
