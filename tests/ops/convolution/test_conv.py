from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.errors import DTypeError, ShapeError
from knoll.graph import Spec, Value, spec_of
from knoll.ops.convolution.conv import conv2d, conv2d_dw, conv2d_dx

PLAIN: dict[str, Any] = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}


@st.composite
def slides(draw: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
    """Images, weights, biases and attributes that fit each other."""
    small = st.integers(1, 3)
    n, groups, c, k = draw(st.integers(0, 3)), draw(small), draw(small), draw(small)
    kernel, stride, dilation = ((draw(small), draw(small)) for _ in range(3))
    padding = tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in range(2))
    size = [
        max(d * (r - 1) + 1 - sum(p), 1) + draw(st.integers(0, 5))
        for r, d, p in zip(kernel, dilation, padding, strict=True)
    ]
    random = np.random.default_rng(draw(st.integers(0, 99)))
    x = random.standard_normal((n, c * groups, *size))
    w = random.standard_normal((k * groups, c, *kernel))
    return (
        x,
        w,
        random.standard_normal(k * groups),
        {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups},
    )


def by_loops(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: Any, padding: Any, dilation: Any, groups: int
) -> np.ndarray:
    """The definition, one multiplication at a time."""
    padded = np.pad(x, ((0, 0), (0, 0), *padding))
    y = np.empty(
        conv2d.shape(spec_of(x), spec_of(w), stride=stride, padding=padding, dilation=dilation, groups=groups)[0].shape
    )
    per_group = w.shape[0] // groups
    for n, k, i, j in np.ndindex(y.shape):
        first = k // per_group * w.shape[1]
        y[n, k, i, j] = b[k] + sum(
            padded[n, first + c, i * stride[0] + r * dilation[0], j * stride[1] + s * dilation[1]] * w[k, c, r, s]
            for c, r, s in np.ndindex(w.shape[1:])
        )
    return y


@given(slides())
@settings(max_examples=25, deadline=None)
def test_meaning_is_the_sum_over_windows(case: Any) -> None:
    x, w, b, attributes = case
    np.testing.assert_allclose(conv2d.meaning(x, w, b, **attributes)[0], by_loops(x, w, b, **attributes), atol=1e-12)
    (shape,) = conv2d.shape(spec_of(x), spec_of(w), spec_of(b), **attributes)
    assert spec_of(conv2d.meaning(x, w, b, **attributes)[0]) == shape


@given(slides())
@settings(max_examples=50, deadline=None)
def test_gradients_are_the_adjoints(case: Any) -> None:
    """<dy, conv(x, w)> is the same number whether dy is carried to x or to w."""
    x, w, _, attributes = case
    (y,) = conv2d.meaning(x, w, **attributes)
    dy = np.random.default_rng(1).standard_normal(y.shape)
    (dx,) = conv2d_dx.meaning(dy, w, size=x.shape[2:], **attributes)
    (dw,) = conv2d_dw.meaning(dy, x, kernel=w.shape[2:], **attributes)
    assert dx.shape == x.shape
    assert dw.shape == w.shape
    np.testing.assert_allclose((dx * x).sum(), (dy * y).sum(), atol=1e-9)
    np.testing.assert_allclose((dw * w).sum(), (dy * y).sum(), atol=1e-9)


def test_gradient_by_differences(check_gradient: Any) -> None:
    random = np.random.default_rng(0)
    x, w, b = random.standard_normal((2, 4, 6, 5)), random.standard_normal((6, 2, 3, 2)), random.standard_normal(6)
    attributes = {"stride": (2, 1), "padding": ((1, 2), (0, 1)), "dilation": (1, 2), "groups": 2}
    check_gradient(conv2d, x, w, b, wrt=(0, 1, 2), **attributes)


def test_integers_stay_integers() -> None:
    x, w = np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4), np.ones((1, 1, 2, 2), np.uint8)
    (y,) = conv2d.meaning(x, w, **PLAIN)
    assert y.dtype == np.uint8
    assert y[0, 0, 0, 0] == 0 + 1 + 4 + 5


def test_cost_counts_multiply_adds() -> None:
    x, w = Value(Spec((2, 4, 8, 8), np.dtype("f"))), Value(Spec((6, 2, 3, 3), np.dtype("f")))
    node = conv2d.node(x, w, **{**PLAIN, "groups": 2})
    assert node.op.cost(node) == 2 * 6 * 6 * 6 * 2 * 3 * 3


@pytest.mark.parametrize(
    ("x", "w", "b", "changes", "kind", "words"),
    [
        ((8, 8), (4, 3, 3, 3), None, {}, ShapeError, "got input of size: [8, 8]"),
        ((2, 3, 8, 8), (4, 3), None, {}, ShapeError, "weight should have at least three dimensions"),
        (
            (2, 3, 8, 8),
            (4, 1, 3, 3),
            None,
            {"groups": 3},
            ShapeError,
            "divisible by 3 at dimension 0, but got weight of size [[4",
        ),
        (
            (2, 5, 8, 8),
            (4, 1, 3, 3),
            None,
            {"groups": 5},
            ShapeError,
            "at least 5 at dimension 0, but got weight of size [4",
        ),
        (
            (2, 1, 8, 8),
            (4, 3, 3, 3),
            None,
            {},
            ShapeError,
            "convert('RGB'); else in_channels=1 in",
        ),
        (
            (2, 4, 8, 8),
            (4, 3, 3, 3),
            None,
            {},
            ShapeError,
            "convert('RGB'); else in_channels=4 in",
        ),
        ((2, 8, 8, 3), (4, 3, 3, 3), None, {}, ShapeError, "try: the channels stand last"),
        ((2, 5, 8, 8), (4, 3, 3, 3), None, {}, ShapeError, "try: in_channels=5"),
        ((2, 3, 8, 8), (4, 3, 3, 3), (3,), {}, ShapeError, "expected bias to be 1-dimensional with 4 elements"),
        ((2, 3, 4, 8), (4, 3, 3, 3), None, {"dilation": (2, 1)}, ShapeError, "(4 x 8). Kernel size: (5 x 3)"),
        (
            (2, 3, 0, 8),
            (4, 3, 3, 3),
            None,
            {"padding": ((2, 2), (0, 0))},
            ShapeError,
            "Only zero batch or zero channel",
        ),
    ],
)
def test_what_does_not_fit_is_refused(x: Any, w: Any, b: Any, changes: Any, kind: type[Exception], words: str) -> None:
    specs = [Spec(shape, np.dtype("float32")) for shape in (x, w, b) if shape is not None]
    with pytest.raises(kind) as caught:
        conv2d.shape(*specs, **{**PLAIN, **changes})
    assert words in str(caught.value)


def test_element_types_must_agree() -> None:
    x, w, b = (Spec(shape, np.dtype("f")) for shape in ((1, 1, 3, 3), (1, 1, 2, 2), (1,)))
    double = Spec(x.shape, np.dtype("d"))
    with pytest.raises(DTypeError, match=r"Input type \(double\) and bias type \(float\) should be the same"):
        conv2d.shape(double, w, b, **PLAIN)
    with pytest.raises(DTypeError, match=r"expected scalar type Double but found Float"):
        conv2d.shape(double, w, **PLAIN)
    with pytest.raises(DTypeError, match=r"Input type \(torch.FloatTensor\) and weight type \(torch.DoubleTensor\)"):
        conv2d.shape(x, Spec(w.shape, double.dtype), **PLAIN)
