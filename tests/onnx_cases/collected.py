"""The test cases that come with ONNX, and what comes of them."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import element_operators  # noqa: F401 (fills the table of operators)
import layer_operators  # noqa: F401 (likewise)
import numpy as np
import onnx
import resize_operators  # noqa: F401 (likewise)
import shape_operators  # noqa: F401 (likewise)
import tensor_operators  # noqa: F401 (likewise)
import window_operators  # noqa: F401 (likewise)
from adapter import OPERATORS, REFUSED, WAYS, Model, OutOfScope, tensor, was_composed
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

SHIPPED = Path(onnx.__file__).parent / "backend/test/data"
WRITTEN_OUT = "functions, written out"
KINDS = ("pytorch-converted", "pytorch-operator")
ERRORS = {"rtol": 1e-3, "atol": 1e-7}  # ONNX's own

# Rounded at other places: where ONNX's result is rounded after each step, a program of Knoll rounds once.
ROUNDED = {"test_attention_4d_causal_fp16_expanded": "off by one unit of half precision"}

Arrays = tuple[Sequence[Any], Sequence[Any]]  # inputs and outputs


@dataclass(frozen=True, eq=False)
class Case:
    """A model, inputs and the outputs that ONNX expects; `group` is its row of the table."""

    name: str
    group: str
    model: Any = field(repr=False)
    data: Callable[[], Arrays] = field(repr=False)

    def __str__(self) -> str:
        return self.name.removeprefix("test_")


@dataclass(frozen=True)
class Outcome:
    """What comes of a case: why Knoll cannot say it, empty if it passes; and whether the adapter composed it."""

    reason: str
    composed: bool


@cache
def collected_cases() -> list[Any]:
    """All cases of operators that come with ONNX."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # overflows, wanted by those who wrote the cases
        return list(collect_testcases(None))


def absent() -> Counter[str]:
    """How many cases each operator has that Knoll has not; functions written out with such are counted together."""
    missing = [case for case in collected_cases() if not _group(case)]
    return Counter(WRITTEN_OUT if "_expanded" in case.name else _operators(case) for case in missing)


def _operators(case: Any) -> str:
    return " with ".join(sorted({node.op_type for node in case.model.graph.node}))


def node_cases() -> list[Case]:
    """The cases of operators that Knoll has or comes near, and of functions that consist of them."""
    grouped = [(_group(case), case) for case in collected_cases()]
    found = [Case(case.name, group, case.model, partial(_first, case)) for group, case in grouped if group]
    return sorted(found, key=lambda case: (case.group == WRITTEN_OUT, case.group, case.name))


def _group(case: Any) -> str:
    """The operator that a case is about, or that it is a function written out; empty if Knoll knows not all of it."""
    kinds = {node.op_type for node in case.model.graph.node}
    if "_expanded" in case.name:
        return WRITTEN_OUT if kinds <= OPERATORS.keys() else ""
    return kinds.pop() if len(kinds) == 1 and kinds <= OPERATORS.keys() | REFUSED.keys() else ""


def _first(case: Any) -> Arrays:
    inputs, outputs = ([_as_array(value) for value in values] for values in case.data_sets[0])
    return inputs, outputs


def _as_array(value: Any) -> Any:
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


def shipped_cases(kind: str) -> list[Case]:
    """The graphs that PyTorch once exported."""
    folders = sorted(folder for folder in (SHIPPED / kind).iterdir() if folder.is_dir())
    return [Case(folder.name, kind, onnx.load(folder / "model.onnx"), partial(_read, folder)) for folder in folders]


def _read(folder: Path) -> Arrays:
    data = folder / "test_data_set_0"

    def arrays(word: str) -> list[Any]:
        count = len(list(data.glob(f"{word}_*.pb")))
        return [numpy_helper.to_array(onnx.load_tensor(data / f"{word}_{i}.pb")) for i in range(count)]

    return arrays("input"), arrays("output")


@cache
def cases() -> list[Case]:
    """All of them."""
    return node_cases() + [case for kind in KINDS for case in shipped_cases(kind)]


@cache
def outcome(case: Case) -> Outcome:
    """What comes of a case, in every way it runs. Raises AssertionError where the result is not what ONNX expects."""
    kinds = {node.op_type for node in case.model.graph.node}
    refused = [REFUSED[kind] for kind in kinds if kind in REFUSED]
    if refused or case.name in ROUNDED:
        return Outcome(refused[0] if refused else ROUNDED[case.name], composed=False)
    inputs, outputs = case.data()
    was_composed()
    try:
        for way in WAYS:
            results = way(Model(case.model), [tensor(array) for array in inputs])
            check(results, outputs)
    except OutOfScope as reason:
        return Outcome(str(reason), composed=False)
    return Outcome("", was_composed())


def check(results: Sequence[Any], expected: Sequence[Any]) -> None:
    """As ONNX compares: element type and shape are the same, numbers nearly."""
    assert len(results) == len(expected), "another number of results"
    for result, truth in zip(results, expected, strict=True):
        ours = result.numpy()
        assert (ours.dtype, ours.shape) == (truth.dtype, truth.shape), "another element type or shape"
        np.testing.assert_allclose(ours, truth, **ERRORS)
