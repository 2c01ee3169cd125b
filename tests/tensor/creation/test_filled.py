"""Tensors made of given numbers, or of a rule: PyTorch's element types, and arrays of every layout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError, ArgumentTypeError, StateError, UnsupportedError
from side_by_side import A, Refused, both, refusals, same_refusal

Same = Callable[[Callable[[Any], Any]], None]


@pytest.fixture
def same(torch: Any) -> Same:
    def check(call: Callable[[Any], Any]) -> None:
        ours, theirs = call(knoll), call(torch)
        assert str(theirs.dtype) == f"torch.{ours.dtype}"
        assert tuple(theirs.shape) == ours.shape
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)

    return check


@pytest.mark.parametrize(
    "data",
    [1, 1.5, True, [], [[]], [1, 2], [1, 2.5], [[1], [2]], [True, False], (1, 2), range(3), np.float64(1),
     np.float32(1),
     np.int32(1), [np.float64(1)], [np.float32(1), np.float32(2)], np.arange(3), np.arange(3.0), np.ones(2, np.uint8),
     np.array(2.5), np.ones((0, 2)),
     np.bool_(True)],
    ids=repr,
)  # fmt: skip
def test_tensor(same: Same, data: Any) -> None:
    same(lambda lib: lib.tensor(data))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"])
def test_element_types(same: Same, dtype: str) -> None:
    same(lambda lib: lib.tensor([0, 1, 2], dtype=getattr(lib, dtype)))
    same(lambda lib: lib.tensor([0, 1, 2]).to(getattr(lib, dtype)))
    same(lambda lib: lib.zeros(2, dtype=getattr(lib, dtype)))


def test_of_arrays_in_lists() -> None:
    assert knoll.tensor([np.ones(2), np.zeros(2)]).dtype == knoll.float64


def test_of_tensors(same: Same) -> None:
    same(lambda lib: lib.tensor([lib.tensor(1.0), lib.tensor(2.0)]))
    x = knoll.ones(2)
    assert knoll.tensor(x)._memory is not x._memory
    assert knoll.tensor(x).add_(1).tolist() == [2, 2]
    assert x.tolist() == [1, 1]


def test_rules(same: Same) -> None:
    same(lambda lib: lib.zeros(2, 3))
    same(lambda lib: lib.zeros((2, 3)))
    same(lambda lib: lib.ones([2, 3]))
    same(lambda lib: lib.ones(()))
    same(lambda lib: lib.full((2, 2), 3))
    same(lambda lib: lib.full((2,), 0.5))
    same(lambda lib: lib.full((2,), True))
    same(lambda lib: lib.arange(5))
    same(lambda lib: lib.arange(1, 5))
    same(lambda lib: lib.arange(1, 2, 0.25))
    same(lambda lib: lib.arange(5, 0, -2))
    same(lambda lib: lib.arange(3.0))
    same(lambda lib: lib.linspace(0, 1, 5))
    same(lambda lib: lib.eye(3))
    same(lambda lib: lib.eye(2, 3))
    same(lambda lib: lib.zeros_like(lib.ones(2, dtype=lib.float64)))
    same(lambda lib: lib.ones_like(lib.zeros(2, 3), dtype=lib.int64))
    same(lambda lib: lib.arange(end=5))
    assert knoll.empty(2, 3).shape == (2, 3)
    assert knoll.empty_like(knoll.ones(2, 3).double()).dtype == knoll.float64


def test_learned_from_the_start() -> None:
    for x in (knoll.zeros(2, requires_grad=True), knoll.randn(2, requires_grad=True), knoll.eye(2, requires_grad=True)):
        assert x.requires_grad
        assert x.is_leaf


def test_from_numpy_shares_memory() -> None:
    array = np.arange(3.0)
    x = knoll.from_numpy(array)
    array[0] = 9
    x[1] = 8
    assert x.tolist() == [9, 8, 2]
    assert array.tolist() == [9, 8, 2]
    assert x._stamp()[1] is None
    assert knoll.as_tensor(array)._realize().base is array
    assert knoll.as_tensor(x) is x


@pytest.mark.parametrize(
    "array",
    [np.arange(6.0)[::-1], np.arange(12.0).reshape(3, 4).T, np.arange(12.0)[::3], np.broadcast_to(np.ones(3), (2, 3)),
     np.asfortranarray(np.ones((2, 3))), np.zeros((0, 3)), np.array(1.5)],
    ids=["reversed", "transposed", "strided", "broadcast", "fortran", "empty", "scalar"],
)  # fmt: skip
def test_arrays_of_every_layout(array: np.ndarray) -> None:
    x = knoll.from_numpy(array)
    assert x.shape == array.shape
    np.testing.assert_array_equal((x * 2).numpy(), array * 2)
    np.testing.assert_array_equal(x.sum(0).numpy() if array.ndim else x.numpy(), array.sum(0) if array.ndim else array)
    learned = knoll.tensor(array, requires_grad=True)
    (learned * learned).sum().backward()
    assert learned.grad is not None
    np.testing.assert_array_equal(learned.grad.numpy(), 2 * array)


def test_foreign_byte_order() -> None:
    swapped = np.arange(3, dtype=">f4")
    assert knoll.tensor(swapped).tolist() == [0, 1, 2]
    assert knoll.tensor(swapped).dtype == knoll.float32
    assert knoll.as_tensor(swapped).tolist() == [0, 1, 2]
    assert knoll.Tensor(swapped).tolist() == [0, 1, 2]
    with pytest.raises(ArgumentError, match="byte order different from the native byte order") as caught:
        knoll.from_numpy(swapped)
    assert "newbyteorder" in str(caught.value)


def test_subclasses_of_arrays() -> None:
    x = knoll.from_numpy(np.ma.masked_array([1.0, 2.0], [False, True]))
    assert type(x.numpy()) is np.ndarray


LEGACY: dict[str, Callable[[Any], Any]] = {
    "nothing": lambda lib: lib.Tensor(),
    "one size": lambda lib: lib.Tensor(5),
    "sizes": lambda lib: lib.Tensor(2, 3),
    "a NumPy size": lambda lib: lib.Tensor(np.int64(3), 2),
    "no elements": lambda lib: lib.Tensor(0, 3),
    "a size": lambda lib: lib.Tensor(lib.zeros(2, 3).size()),
    "the size of a scalar": lambda lib: lib.Tensor(lib.zeros(()).size()),
    "list": lambda lib: lib.Tensor([1, 2]),
    "lists": lambda lib: lib.Tensor([[1, 2.5], [True, 0]]),
    "empty list": lambda lib: lib.Tensor([]),
    "tuple": lambda lib: lib.Tensor((1.5, 2)),
    "range": lambda lib: lib.Tensor(range(3)),
    "integers": lambda lib: lib.Tensor(np.arange(3)),
    "doubles": lambda lib: lib.Tensor(np.ones(2)),
    "tensor": lambda lib: lib.Tensor(lib.ones(2)),
    "tensors": lambda lib: lib.Tensor([lib.tensor(1.0), 2]),
    "parameter": lambda lib: lib.nn.Parameter(lib.Tensor(4, 3)).detach(),
}


@pytest.mark.parametrize("name", LEGACY)
def test_the_class_takes_sizes_or_numbers(name: str) -> None:
    ours, theirs = LEGACY[name](knoll), LEGACY[name](pytest.importorskip("torch"))
    assert ours.shape == tuple(theirs.shape)
    assert str(theirs.dtype) == f"torch.{ours.dtype}"
    assert not ours.requires_grad
    if not any(word in name for word in ("size", "parameter")):  # whose numbers are what lay there before
        assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("wrong", [2.5, "a", None, True, {}, -1, (2, -1), ([1.0], 2), (2, [3]), (2, 3.0)])
def test_the_class_refuses_what_pytorch_refuses(wrong: Any) -> None:
    said = []
    for lib in (knoll, pytest.importorskip("torch")):
        with pytest.raises((TypeError, RuntimeError)) as caught:
            lib.Tensor(*(wrong if isinstance(wrong, tuple) else (wrong,)))
        said.append(str(caught.value).split("\n")[0])
    assert said[0] == said[1] or said[1].startswith("new() received an invalid combination")


def test_a_tuple_of_integers_may_be_a_shape() -> None:
    with pytest.raises(ArgumentTypeError, match="size or numbers") as caught:
        knoll.Tensor(knoll.zeros(2, 3).shape)
    assert "Tensor(2, 3)" in str(caught.value)
    assert "Tensor([2, 3])" in str(caught.value)
    assert knoll.zeros(2, 3).size().numel() == 6


def test_refusals() -> None:
    same_refusal(lambda lib: lib.tensor("abc"))
    same_refusal(lambda lib: lib.from_numpy([1, 2]))
    same_refusal(lambda lib: lib.arange(0, 5, 0))
    same_refusal(lambda lib: lib.arange(5, 0))


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([None]), np.ones(2, np.complex64), np.ones(2, "M8[s]")])
def test_arrays_that_no_tensor_holds(array: np.ndarray) -> None:
    for make in (knoll.tensor, knoll.from_numpy, knoll.Tensor):
        with pytest.raises(ArgumentTypeError, match=r"can't convert np.ndarray of type numpy\."):
            make(array)


def test_other_refusals() -> None:
    with pytest.raises(ArgumentError, match="expected sequence of equal length"):
        knoll.tensor([[1, 2], [3]])
    with pytest.raises(ArgumentTypeError, match="must be real number, not NoneType"):
        knoll.tensor([1, None])
    with pytest.raises(StateError, match=r"negative dimension -1: \[2, -1\]"):
        knoll.zeros(2, -1)
    with pytest.raises(ArgumentTypeError, match=r"dtype must be torch\.dtype"):
        knoll.zeros(2, dtype=3)
    with pytest.raises(UnsupportedError, match="Knoll runs on the CPU: Torch not compiled with CUDA enabled") as caught:
        knoll.zeros(2, device="cuda")
    assert ".cuda()" in str(caught.value)


def test_tensor_class_of_a_tensor_shares_its_memory() -> None:
    x = knoll.zeros(2)
    stamp = x._stamp()
    knoll.Tensor(x).add_(1)
    assert x.tolist() == [1, 1]
    assert x._stamp() != stamp


@pytest.mark.parametrize("name", ["zeros", "ones", "empty", "rand", "randn"])
def test_sizes_by_their_name(name: str, torch: Any) -> None:
    for size in ((2, 3), [2], (), torch.Size([1, 2]), (np.int64(2),)):
        assert getattr(knoll, name)(size=size).shape == tuple(getattr(torch, name)(size=size).shape)
    assert getattr(knoll, name)(size=[2], dtype=knoll.float64, requires_grad=True).requires_grad
    same_refusal(lambda lib: getattr(lib, name)(size=3))
    if name not in ("rand", "randn"):  # of these PyTorch lists its overloads
        same_refusal(lambda lib: getattr(lib, name)())
        same_refusal(lambda lib: getattr(lib, name)(2, size=(2,)))


@pytest.mark.parametrize(("name", "word"), [("reshape", "shape"), ("permute", "dims"), ("expand", "size"),
                                            ("repeat", "repeats")])  # fmt: skip
def test_shapes_by_their_name(name: str, word: str) -> None:
    same_refusal(lambda lib: getattr(lib.ones(2, 3), name)())
    same_refusal(lambda lib: getattr(lib.ones(2, 3), name)(**{word: 6}))
    same_refusal(lambda lib: getattr(lib.ones(2, 3), name)(6, **{word: (6,)}))
    same_refusal(lambda lib: lib.ones(2).reshape(shape=(3,)))
    assert knoll.ones(2, 3).view(size=(3, 2)).shape == (3, 2)


FORMS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((5, (2,)), {}), ((5, [2]), {}), ((5, ()), {}), ((5,), {"size": (2,)}), ((), {"high": 5, "size": (2,)}),
    ((), {"low": 3, "high": 5, "size": (2,)}), ((3, 5, (2,)), {}), ((3, 5), {"size": (2,)}),
    ((3,), {"high": 5, "size": (2,)}), ((np.int64(5),), {"size": (np.int64(2),)}),
]  # fmt: skip


@pytest.mark.parametrize(("args", "named"), FORMS)
def test_every_form_of_randint(args: tuple[Any, ...], named: dict[str, Any], torch: Any) -> None:
    ours, theirs = knoll.randint(*args, **named), torch.randint(*args, **named)
    assert ours.shape == tuple(theirs.shape)
    assert bool(((ours >= (3 if 3 in args or "low" in named else 0)) & (ours < 5)).all())


@pytest.mark.parametrize("args", [(), (5,), (0, 5)])
def test_randint_names_what_is_missing(args: tuple[int, ...]) -> None:
    with pytest.raises(ArgumentTypeError, match=r'missing .* arguments: .*"size"'):
        knoll.randint(*args)


def test_permutations_of_other_types() -> None:
    assert knoll.randperm(5, dtype=knoll.float32).dtype == knoll.float32
    assert sorted(knoll.randperm(256, dtype=knoll.uint8).tolist()) == list(range(256))
    same_refusal(lambda lib: lib.randperm(300, dtype=lib.uint8))
    same_refusal(lambda lib: lib.randperm(3, dtype=lib.bool))


REFUSED: dict[str, Refused] = {
    "format of no image": lambda t: t.zeros_like(t.ones(3), memory_format=t.channels_last),
    "format": lambda t: t.ones_like(t.ones(3), memory_format=3),
}


def test_like() -> None:
    both(
        lambda t, a: tuple(
            getattr(t, name)(a, device="cpu", memory_format=t.preserve_format) for name in ("zeros_like", "ones_like")
        ),
        A,
        tolerance=1e-7,
    )


test_refused_as_in_pytorch = refusals(REFUSED)
