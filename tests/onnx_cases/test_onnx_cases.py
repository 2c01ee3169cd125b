"""Knoll = ONNX, for the operators that both have."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from collected import Case, cases, check, out_of_scope
from onnx_table import DOCUMENT, table

import knoll


@pytest.mark.parametrize("case", cases(), ids=str)
def test_what_onnx_expects(case: Case) -> None:
    reason = out_of_scope(case)
    if reason:
        pytest.skip(reason)


def test_the_page_is_up_to_date() -> None:
    page = DOCUMENT.read_text(encoding="utf-8")
    if f"ONNX {onnx.__version__} " not in page:
        pytest.skip("the page is about another version of ONNX, which has other cases")
    assert page == table()


@pytest.mark.parametrize(
    "wrong",
    [[[1.0, 2.01]], [[1.0], [2.0]], [[1.0, np.nan]], np.array([[1.0, 2.0]]), np.array([[1, 2]])],
    ids=["a number", "the shape", "no number", "float64", "integers"],
)
def test_a_difference_is_found(wrong: object) -> None:
    truth = [np.array([[1.0, 2.0]], np.float32)]
    check([knoll.tensor([[1.0, 2.0]])], truth)
    with pytest.raises(AssertionError):
        check([knoll.tensor(wrong)], truth)
    with pytest.raises(AssertionError):
        check([], truth)
