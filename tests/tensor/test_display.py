"""Printed tensors: PyTorch's text, but for the name of the element type."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import knoll


@pytest.fixture
def same_text(torch: Any) -> Callable[[np.ndarray], None]:
    def check(array: np.ndarray) -> None:
        theirs = re.sub(r",\s+dtype=torch\.", ", dtype=", repr(torch.tensor(array)))  # a shorter name needs less room
        assert re.sub(r",\s+dtype=", ", dtype=", repr(knoll.tensor(array))) == theirs

    return check


shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)
floats = st.one_of(
    st.floats(width=32),
    st.floats(-10, 10, width=32),
    st.integers(-1000, 1000).map(float),
    st.sampled_from([0.0, 1e-5, 1e9, 123456.0, 0.5]),
)


@given(
    st.sampled_from(["float32", "float64"]).flatmap(
        lambda dtype: hnp.arrays(
            dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5), elements=floats
        )
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_floats(same_text: Callable[..., None], array: np.ndarray) -> None:
    same_text(array)


@given(
    hnp.arrays(
        st.sampled_from(["int64", "int32", "uint8", "bool"]),
        shapes,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_integers(same_text: Callable[..., None], array: np.ndarray) -> None:
    same_text(array)


@pytest.mark.parametrize("shape", [(1001,), (40, 40), (7, 200), (4, 5, 60), (2, 3, 4, 60), (1, 2000)])
def test_large_arrays_are_abridged(same_text: Callable[..., None], shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    same_text(rng.standard_normal(shape).astype(np.float32))
    same_text(rng.integers(0, 100, shape))


def test_long_lines_are_broken(same_text: Callable[..., None]) -> None:
    same_text(np.linspace(0, 1, 50).astype(np.float32))
    same_text(np.linspace(0, 1, 13))
    same_text(np.arange(100))


def test_notes() -> None:
    x = knoll.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x) == "tensor([1., 2.], requires_grad=True)"
    assert repr(x * 2) == "tensor([2., 4.], grad_fn=<MulBackward0>)"
    assert repr(knoll.zeros(0, 3)) == "tensor([], size=(0, 3))"
    assert repr(knoll.zeros(2, dtype=knoll.float64)) == "tensor([0., 0.], dtype=float64)"
    assert repr((x * 2).detach()) == "tensor([2., 4.])"
    assert str(x) == repr(x)


def test_notes_take_a_line_of_their_own_when_there_is_no_room() -> None:
    x = knoll.tensor(np.linspace(0, 1, 8, dtype=np.float32), requires_grad=True)
    assert repr(x).endswith("1.0000],\n       requires_grad=True)")


def test_formats() -> None:
    x = knoll.tensor(2.5)
    assert f"{x:.2f}" == "2.50"
    assert f"{x}" == "2.5"
    assert f"{knoll.ones(1)}" == "tensor([1.])"
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{knoll.ones(2):.2f}"


OPTIONS: list[dict[str, Any]] = [
    {"precision": 2},
    {"precision": 0},
    {"sci_mode": False},
    {"sci_mode": True, "precision": 1},
    {"threshold": 5},
    {"threshold": 5, "edgeitems": 1, "linewidth": 30},
    {"threshold": 5, "edgeitems": 0},
    {"profile": "short"},
    {"profile": "full", "linewidth": 40},
    {"profile": "default", "precision": 6},
]


@pytest.fixture
def both_options(torch: Any) -> Iterator[Callable[..., None]]:
    def change(**options: Any) -> None:
        torch.set_printoptions(**options)
        knoll.set_printoptions(**options)

    yield change
    change(profile="default")


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_print_options(
    same_text: Callable[[np.ndarray], None], both_options: Callable[..., None], options: dict[str, Any]
) -> None:
    both_options(**options)
    rng = np.random.default_rng(0)
    for array in (
        rng.standard_normal((3, 8)).astype(np.float32),
        np.float32([1e-5, 1.5, 1e6]),
        np.float32([[1, 2000000], [3, np.inf]]),
        np.arange(1200).reshape(2, 6, 100),
        np.arange(9.0),
        np.float64(0.123456789),
        np.array([True, False]),
        np.zeros((0, 3)),
    ):
        same_text(array)
    both_options(precision=3)  # the powers of ten are not kept, all else is
    same_text(np.float32([1e-5, 1.5]))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"precision": "x"}, "argument 'precision' must be int"),
        ({"profile": "wide"}, r"(?s)no way of printing.*default, short, full"),
        ({"edgeitems": -1}, "edgeitems must be at least 0"),
        ({"sci_mode": 1}, "argument 'sci_mode' must be bool"),
    ],
)
def test_wrong_print_options_change_nothing(options: dict[str, Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        knoll.set_printoptions(**{"precision": 1, **options})
    assert repr(knoll.tensor(0.123456)) == "tensor(0.1235)"


PAIRS: dict[str, Callable[[Any, Any], Any]] = {
    "max": lambda _, x: x.max(1),
    "min": lambda _, x: x.min(0),
    "median": lambda _, x: x.median(1),
    "nanmedian": lambda _, x: x.nanmedian(1),
    "mode": lambda _, x: x.mode(1),
    "kthvalue": lambda _, x: x.kthvalue(2, 0),
    "sort": lambda _, x: x.sort(),
    "topk": lambda _, x: x.topk(1),
    "cummax": lambda _, x: x.cummax(1),
    "cummin": lambda _, x: x.cummin(1),
    "aminmax": lambda _, x: x.aminmax(),
    "histogram": lambda lib, x: lib.histogram(x, 2),
    "histogramdd": lambda lib, x: lib.histogramdd(x, 2),
    "qr": lambda lib, _: lib.linalg.qr(lib.eye(2)),
    "svd": lambda lib, _: lib.linalg.svd(lib.eye(2)),
    "eigh": lambda lib, _: lib.linalg.eigh(lib.eye(2)),
    "slogdet": lambda lib, _: lib.linalg.slogdet(lib.eye(2)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_several_results_print_by_their_names(torch: Any, name: str) -> None:
    numbers = np.float32([[1, 5, 2], [4, 2, 6]])
    ours, theirs = (PAIRS[name](lib, lib.tensor(numbers)) for lib in (knoll, torch))
    assert re.sub("-(0\\.)", r"\1", repr(ours)) == re.sub("-(0\\.)", r"\1", repr(theirs).replace("torch", "knoll"))
    assert isinstance(ours, tuple)
    assert type(ours) is getattr(knoll.return_types, type(theirs).__name__)
    assert type(pickle.loads(pickle.dumps(ours))) is type(ours)
