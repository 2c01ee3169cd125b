"""The test cases that come with ONNX, and what comes of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import element_operators  # noqa: F401 (fills the table of operators)
import helper_operators  # noqa: F401
import layer_operators  # noqa: F401
import numpy as np
import onnx
import resize_operators  # noqa: F401
import shape_operators  # noqa: F401
import window_operators  # noqa: F401
from adapter import HELPERS, OPERATORS, REFUSED, WAYS, Model, OutOfScope, tensor
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

SHIPPED = Path(onnx.__file__).parent / "backend/test/data"
WRITTEN_OUT = "functions, written out"
KINDS = ("pytorch-converted", "pytorch-operator")
ERRORS = {"rtol": 1e-3, "atol": 1e-7}  # ONNX's own

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


def node_cases() -> list[Case]:
    """The cases of operators that Knoll has or comes near, and of functions that consist of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # overflows, wanted by those who wrote the cases
        collected = collect_testcases(None)
    grouped = [(_group(case), case) for case in collected]
    found = [Case(case.name, group, case.model, partial(_first, case)) for group, case in grouped if group]
    return sorted(found, key=lambda case: (case.group == WRITTEN_OUT, case.group, case.name))


def _group(case: Any) -> str:
    """The operator that a case is about, or that it is a function written out; empty if Knoll knows not all of it."""
    kinds = {node.op_type for node in case.model.graph.node}
    if "_expanded" in case.name:
        known = kinds <= OPERATORS.keys() | HELPERS.keys() and not kinds <= HELPERS.keys()
        return WRITTEN_OUT if known else ""
    return kinds.pop() if len(kinds) == 1 and kinds <= OPERATORS.keys() | REFUSED.keys() else ""


def _first(case: Any) -> Arrays:
    inputs, outputs = case.data_sets[0]
    return inputs, outputs


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
def out_of_scope(case: Case) -> str:
    """Why Knoll cannot say what the case asks for; empty if it gives what ONNX expects, in every way it runs."""
    kinds = {node.op_type for node in case.model.graph.node}
    refused = [REFUSED[kind] for kind in kinds if kind in REFUSED]
    if refused:
        return refused[0]
    inputs, outputs = case.data()
    try:
        for way in WAYS:
            results = way(Model(case.model), [tensor(array) for array in inputs])
            check(results, outputs)
    except OutOfScope as reason:
        return str(reason)
    return ""


def check(results: Sequence[Any], expected: Sequence[Any]) -> None:
    """As ONNX compares: element type and shape are the same, numbers nearly."""
    assert len(results) == len(expected)
    for result, truth in zip(results, expected, strict=True):
        ours = result.numpy()
        assert (ours.dtype, ours.shape) == (truth.dtype, truth.shape)
        np.testing.assert_allclose(ours, truth, **ERRORS)
