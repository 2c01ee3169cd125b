"""Knoll = ONNX, for the operators that both have."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from collected import KINDS, Case, Outcome, absent, cases, check, collected_cases, outcome
from onnx_table import DOCUMENT, table

import knoll


@pytest.mark.parametrize("case", cases(), ids=str)
def test_what_onnx_expects(case: Case) -> None:
    reason = outcome(case).reason
    if reason:
        pytest.skip(reason)


def test_the_page_is_up_to_date() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    if f"ONNX {onnx.__version__} " not in page:
        pytest.skip("the page is about another version of ONNX, which has other cases")
    assert page == table()


def test_the_page_accounts_for_every_case_of_onnx() -> None:
    graphs = sum(case.group in KINDS for case in cases())
    assert len(cases()) - graphs + absent().total() == len(collected_cases())


@pytest.mark.parametrize(
    ("name", "composed"),
    [
        ("test_argmax_default_axis_example", False),
        ("test_shrink_hard", False),
        ("test_argmax_default_axis_example_select_last_index", True),
        ("test_hardmax_axis_0", True),
    ],
)
def test_cases_that_the_adapter_composes_are_marked(name: str, composed: bool) -> None:
    (case,) = (case for case in cases() if case.name == name)
    assert outcome(case) == Outcome("", composed)


NUMBERS, KIND = "Not equal to tolerance", "another element type or shape"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([[1.0, 2.01]], NUMBERS), ([[1.0], [2.0]], KIND), ([[1.0, np.nan]], NUMBERS), (np.array([[1.0, 2.0]]), KIND),
        (np.array([[1, 2]]), KIND),
    ],
    ids=["a number", "the shape", "no number", "float64", "integers"],
)  # fmt: skip
def test_a_difference_is_found(wrong: object, said: str) -> None:
    truth = [np.array([[1.0, 2.0]], np.float32)]
    check([knoll.tensor([[1.0, 2.0]])], truth)
    with pytest.raises(AssertionError, match=said):
        check([knoll.tensor(wrong)], truth)
    with pytest.raises(AssertionError, match="another number of results"):
        check([], truth)
