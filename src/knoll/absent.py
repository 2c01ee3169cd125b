"""Names of PyTorch that a module does not have: what the error says of them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from knoll.messages import say

RECURRENT = frozenset(["RNN", "LSTM", "GRU", "RNNBase", "RNNCell", "LSTMCell", "GRUCell", "RNNCellBase"])
SPARSE = frozenset(["sparse", "sparse_coo_tensor", "sparse_csr_tensor", "SparseAdam"])
QUANTISED = frozenset(["quantization", "quantize_per_tensor", "quantize_per_channel", "qint8", "quint8", "ao"])
DISTRIBUTED = frozenset(["DataParallel", "DistributedDataParallel", "DistributedSampler", "data_parallel"])
SHORT_FLOATS = frozenset(["float8_e4m3fn", "float8_e5m2"])


def absent(module: str, name: str, known: Iterable[str], elsewhere: str = "") -> AttributeError:
    """The error about a name that a module does not have, with what to write instead where that is sure.

    `elsewhere` is where the name is to be found, if it is.

    >>> print(absent("knoll.nn", "Conv2D", ["Conv2d", "ReLU"]))
    module 'knoll.nn' has no attribute 'Conv2D'
      try: Conv2d
    """
    reason = f"module {module!r} has no attribute {name!r}"
    advice = elsewhere or ("" if name.startswith("_") else _advice(module, name, known))
    return AttributeError(f"{reason}\n  {say('error.try')}{advice}" if advice else reason, name=name)


def _advice(module: str, name: str, known: Iterable[str]) -> str:
    if module == "knoll.cuda" and name.endswith("Tensor"):
        return say("nn.absent_cuda_tensor", name=name)
    if name in RECURRENT:
        return say("nn.absent_recurrent")
    if name in SPARSE:
        return say("nn.absent_sparse")
    if name in QUANTISED:
        return say("nn.absent_quantised")
    if name in DISTRIBUTED:
        return say("nn.absent_distributed")
    if module == "knoll.distributions":
        return "".join(get_close_matches(name, known, 1, 0.85)) or say("nn.absent_distribution")
    if name == "Container":
        return say("nn.absent_container")
    if name == "grouped_mm":
        return say("nn.absent_grouped_mm")
    if name in SHORT_FLOATS:
        return say("nn.absent_precision")
    if name.lower().endswith("3d"):
        return say("nn.absent_3d")
    same = [each for each in known if each.lower().replace("_", "") == name.lower().replace("_", "")]
    return "".join(same[:1] or get_close_matches(name, known, 1, 0.85))
