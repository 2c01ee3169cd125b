from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.errors import ShapeError
from knoll.graph import Spec, spec_of
from knoll.ops.pad import MODES, pad

NUMPY = {
    "constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap", "symmetric": "symmetric",
}  # fmt: skip


@given(st.sampled_from(MODES), st.integers(1, 5), st.integers(1, 5), st.data())
@settings(max_examples=80, deadline=None)
def test_meaning_is_numpys_own(mode: str, rows: int, columns: int, data: Any) -> None:
    ends = [
        (0, 0),
        *(tuple(data.draw(st.integers(0, size - (mode == "reflect"))) for _ in range(2)) for size in (rows, columns)),
    ]
    x = np.arange(2.0 * rows * columns).reshape(2, rows, columns)
    more = {"constant_values": 7.0} if mode == "constant" else {}
    (y,) = pad.meaning(x, padding=tuple(ends), mode=mode, value=7.0)
    np.testing.assert_array_equal(y, np.pad(x, ends, NUMPY[mode], **more))
    assert spec_of(y) == pad.shape(spec_of(x), padding=tuple(ends), mode=mode, value=7.0)[0]


@pytest.mark.parametrize("mode", MODES)
def test_negative_padding_cuts(mode: str) -> None:
    (y,) = pad.meaning(np.arange(6.0), padding=((-1, -2),), mode=mode, value=0.0)
    assert y.tolist() == [1, 2, 3]


@pytest.mark.parametrize("mode", MODES)
def test_gradient_by_differences(check_gradient: Any, mode: str) -> None:
    x = np.random.default_rng(0).standard_normal((2, 4, 3))
    check_gradient(pad, x, wanted=(0,), padding=((0, 0), (3, -1), (1, 2)), mode=mode, value=1.0)


@pytest.mark.parametrize("mode", MODES)
def test_an_empty_batch_stays_empty(mode: str) -> None:
    assert pad.meaning(np.zeros((0, 3)), padding=((0, 0), (1, 1)), mode=mode, value=0.0)[0].shape == (0, 5)


def test_a_constant_fills_what_was_empty() -> None:
    assert (
        pad.meaning(np.zeros((2, 0)), padding=((0, 0), (1, 1)), mode="constant", value=3.0)[0].tolist() == [[3, 3]] * 2
    )


@pytest.mark.parametrize(
    ("mode", "ends", "words"),
    [
        ("reflect", (4, 0), "Argument #4: Padding size should be less than the corresponding input dimension, "
                            "but got: padding (4, 0) at dimension 2 of input [1, 4, 4]"),
        ("circular", (0, 5), "Padding value causes wrapping around more than once."),
        ("constant", (-3, -2), "The input size 4, plus negative padding -3 and -2 resulted in a negative output size"),
    ],
)  # fmt: skip
def test_limits(mode: str, ends: tuple[int, int], words: str) -> None:
    with pytest.raises(ShapeError) as caught:
        pad.shape(Spec((1, 4, 4), np.dtype("f")), padding=((0, 0), (0, 0), ends), mode=mode, value=0.0)
    assert words in str(caught.value)


def test_the_limits_themselves_pass() -> None:
    x = Spec((1, 4, 4), np.dtype("f"))
    assert pad.shape(x, padding=((0, 0), (0, 0), (3, 3)), mode="reflect", value=0.0)[0].shape == (1, 4, 10)
    assert pad.shape(x, padding=((0, 0), (0, 0), (4, 4)), mode="circular", value=0.0)[0].shape == (1, 4, 12)


def test_nothing_can_be_mirrored_from_nothing() -> None:
    with pytest.raises(ShapeError, match="other non-zero dimensions for input"):
        pad.shape(Spec((1, 0), np.dtype("f")), padding=((0, 0), (1, 1)), mode="replicate", value=0.0)
