"""Changes in place: who sees them, what backward makes of them, and when they are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, DTypeError, ShapeError, StateError
from knoll.run import program_cache
from knoll.tensor import recording
from side_by_side import A, B, both, same_refusal

RNG = np.random.default_rng(11)
X = RNG.uniform(0.5, 2.0, (2, 3))

CHANGES: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda y, x: y.add_(x, alpha=2),
    "sub": lambda y, x: y.sub_(x),
    "mul": lambda y, x: y.mul_(x),
    "div": lambda y, _: y.div_(3),
    "pow": lambda y, _: y.pow_(3),
    "clamp": lambda y, _: y.clamp_(0.7, 1.5),
    "zero": lambda y, _: y.zero_(),
    "fill": lambda y, _: y.fill_(4),
    "copy": lambda y, x: y.copy_(x[0]),
    "clip": lambda y, _: y.clip_(0.7, 1.5),
    "decimals": lambda y, _: y.round_(decimals=1),
    "masked_fill": lambda y, x: y.masked_fill_(x > 1, 3.0),
    "logical_not": lambda y, _: y.detach().logical_not_(),
    **{
        name: lambda y, _, name=name: getattr(y, f"{name}_")()
        for name in (
            "abs", "ceil", "cos", "exp", "floor", "log", "neg", "relu", "round", "sigmoid", "sign", "sin", "sqrt",
            "square", "tanh",
        )
    },
}  # fmt: skip


def test_every_function_of_single_elements_can_change_in_place() -> None:
    x = knoll.tensor([6, 5])
    assert x.bitwise_not_() is x
    assert x.tolist() == [-7, -6]
    same_refusal(lambda lib: lib.tensor([1, 2]).exp_())
    same_refusal(lambda lib: lib.tensor([True]).square_())
    same_refusal(lambda lib: lib.ones(2, requires_grad=True).relu_())


@pytest.mark.parametrize("name", CHANGES)
def test_changes_of_results(name: str) -> None:
    def changed(_: Any, x: Any) -> Any:
        y = x * 2
        return CHANGES[name](y, x), y

    both(changed, X)
    both(lambda _, x: CHANGES[name](x.detach().clone(), x.detach()), X)


@pytest.mark.parametrize("name", CHANGES)
def test_changes_inside_a_recording(name: str) -> None:
    def changed(lib: Any, x: Any) -> Any:
        if lib is not knoll:
            y = x * 2
            return CHANGES[name](y, x) + y * x
        with recording():
            y = x * 2
            return CHANGES[name](y, x) + y * x

    both(changed, X)


def test_operators() -> None:
    def changed(_: Any, x: Any) -> Any:
        y = x * 1
        y += 1
        y -= x
        y *= 2
        y /= x
        y **= 2
        return y

    both(changed, X)


def test_the_same_object_stays() -> None:
    x = y = knoll.zeros(2)
    x += 1
    assert x is y
    array = y.numpy()
    x *= 5
    assert array.tolist() == [5, 5]


def test_results_that_were_used_before_keep_what_they_saw() -> None:
    def changed(_: Any, x: Any) -> Any:
        y = x * 2
        before = y * 1
        y.add_(1)
        return before, y

    both(changed, X)


def test_a_plain_tensor_that_takes_in_a_gradient() -> None:
    def changed(lib: Any, x: Any) -> Any:
        total = lib.zeros(3, dtype=lib.float64)
        for row in x:
            total += row
        return total

    both(changed, X)


def test_views_of_plain_tensors_that_take_in_a_gradient() -> None:
    def changed(lib: Any, x: Any) -> Any:
        whole = lib.zeros(2, 3, dtype=lib.float64)
        whole[0].add_(x[1])
        whole[1] = x[0] * 3
        return whole

    both(changed, X)


def test_a_leaf_that_is_learned_is_protected() -> None:
    def refused(change: Callable[[Any], object]) -> Callable[[Any], object]:
        return lambda lib: change(lib.ones(2, requires_grad=True))

    for change in (
        lambda x: x.add_(1), lambda x: x.zero_(), lambda x: x.fill_(1), lambda x: x.copy_(x.detach()),
        lambda x: x.__iadd__(1), lambda x: x.__setitem__(0, 1), lambda x: x[0].zero_(), lambda x: x.view(2, 1).mul_(2),
    ):  # fmt: skip
        same_refusal(refused(change))


def test_a_leaf_can_be_changed_under_no_grad() -> None:
    x = knoll.ones(2, requires_grad=True)
    array = x._realize()
    version = x._version
    with knoll.no_grad():
        x -= 0.5
        x[0] = 7
    assert x.is_leaf
    assert x.requires_grad
    assert array.tolist() == [7, 0.5]
    assert x._version > version


def test_numbers_that_backward_needs_are_guarded() -> None:
    w = knoll.ones(2, requires_grad=True)
    x = knoll.tensor([2.0, 3.0])
    y = (w * x).sum()
    x.add_(1)
    with pytest.raises(StateError, match="modified by an inplace operation") as caught:
        y.backward()
    assert "version 0" in str(caught.value)
    assert "(2,)" in str(caught.value)


def test_results_that_backward_needs_are_guarded() -> None:
    w = knoll.ones(2, requires_grad=True)
    y = w.exp()
    with knoll.no_grad():
        y.zero_()
    with pytest.raises(StateError, match="modified by an inplace operation"):
        y.sum().backward()


def test_views_of_what_backward_needs_are_guarded() -> None:
    w = knoll.ones(4, requires_grad=True)
    x = knoll.ones(4)
    y = (w * x).sum()
    x.view(2, 2)[0, 0] = 5
    with pytest.raises(StateError, match="modified by an inplace operation"):
        y.backward()


def test_numbers_that_backward_does_not_need_may_change() -> None:
    w = knoll.ones(2, requires_grad=True)
    x = knoll.ones(2)
    y = (w + x).sum()
    x.zero_()
    with knoll.no_grad():
        w.zero_()
    y.backward()
    assert w.grad is not None
    assert w.grad.tolist() == [1, 1]


def test_inputs_that_change_inside_a_recording() -> None:
    x = knoll.ones(3)
    with recording():
        before = x * 10
        x.add_(1)
        after = x * 10
    assert before.tolist() == [10, 10, 10]
    assert after.tolist() == [20, 20, 20]
    assert x.tolist() == [2, 2, 2]


def test_refusals() -> None:
    same_refusal(lambda lib: lib.ones(2).add_(lib.ones(3, 2)))
    same_refusal(lambda lib: lib.tensor([1, 2]).add_(0.5))
    same_refusal(lambda lib: lib.tensor([1, 2]).div_(2))


def test_kinds_of_refusals() -> None:
    with pytest.raises(ShapeError, match=r"output with shape \[2\] doesn't match the broadcast shape \[3, 2\]"):
        knoll.ones(2).add_(knoll.ones(3, 2))
    with pytest.raises(DTypeError, match="result type Float can't be cast to the desired output type Long"):
        knoll.tensor([1]).add_(0.5)
    with pytest.raises(ShapeError, match="must match the size"):
        knoll.ones(2).copy_(knoll.ones(3))


def test_read_only_arrays() -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    x = knoll.from_numpy(array)
    assert (x + 1).tolist() == [1, 2, 3]
    for change in (lambda: x.zero_(), lambda: x.add_(1), lambda: x.copy_(x * 1), lambda: x.__setitem__(0, 1)):
        with pytest.raises(ArgumentError, match="read-only") as caught:
            change()
        assert "x.clone()" in str(caught.value)


def test_element_types_stay() -> None:
    x = knoll.ones(2)
    x += knoll.ones(2, dtype=knoll.float64)
    assert x.dtype == knoll.float32
    assert x.copy_(knoll.tensor([1.9, 2.9], dtype=knoll.float64)).dtype == knoll.float32
    assert knoll.zeros(2, dtype=knoll.int64).copy_(knoll.tensor([1.9, 2.9])).tolist() == [1, 2]


@pytest.mark.parametrize("dtype", [knoll.int64, knoll.float32])
def test_what_a_module_counts_cuts_no_network(dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[str] = []
    new = program_cache._new

    def seen(*given: Any) -> Any:
        program = new(*given)
        programs.append(type(program).__name__)
        return program

    monkeypatch.setattr(program_cache, "_new", seen)

    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)
            self.register_buffer("count", knoll.zeros((), dtype=dtype))
            self.count: knoll.Tensor

        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            self.count.add_(1)
            return self.conv(x).relu()

    net = nn.Sequential(Counting(), Counting(), Counting())
    for step in range(1, 4):
        net(knoll.ones(2, 3, 9, 9)).sum().backward()
        assert [part.count.item() for part in net] == [step] * 3
    assert set(programs) <= {"CompiledProgram", "ReferenceProgram"}
    assert programs.count("CompiledProgram") == 1


def test_what_a_module_counts_and_reads_is_up_to_date() -> None:
    class Counting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("count", knoll.tensor(0))
            self.count: knoll.Tensor

        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            first = x * self.count
            self.count += 1
            second = x * self.count
            self.count.add_(self.count)
            return knoll.stack([first, second, x * self.count])

    net = Counting()
    assert net(knoll.ones(())).tolist() == [0, 1, 2]
    assert net(knoll.ones(())).tolist() == [2, 3, 6]
    assert net.count.item() == 6


ROWS = np.array([2, 0])
IN_PLACE = sorted(
    name for name in dir(knoll.Tensor) if name.endswith("_") and not name.startswith("_") and hasattr(knoll, name[:-1])
)
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "addmm_": (np.eye(3), np.eye(3)), "addr_": (np.ones(3), np.ones(3)),
    "addbmm_": (np.ones((2, 3, 3)),) * 2, "cumsum_": (0,), "cumprod_": (0,),
    "clamp_": (0.1, 0.5), "clip_": (0.1, 0.5), "clamp_min_": (0.1,), "clamp_max_": (0.5,), "tril_": (), "triu_": (),
    "index_add_": (0, ROWS, np.ones((2, 3))), "index_copy_": (0, ROWS, np.ones((2, 3))), "index_fill_": (0, ROWS, 1.0),
    "put_": (np.array([0, -1]), np.ones(2)),
    "index_put_": ((ROWS,), np.ones((2, 3))), "masked_scatter_": (np.eye(3) > 0, np.ones(9)),
    "masked_fill_": (np.eye(3) > 0, 2.0), "scatter_": (0, np.zeros((1, 3), np.int64), np.ones((1, 3))),
    "scatter_add_": (0, np.zeros((1, 3), np.int64), np.ones((1, 3))), "lerp_": (np.ones((3, 3)), 0.3),
    "addcmul_": (np.ones((3, 3)), np.ones((3, 3))), "addcdiv_": (np.ones((3, 3)), np.ones((3, 3))),
    "scatter_reduce_": (0, np.zeros((1, 3), np.int64), np.ones((1, 3)), "amax"), "renorm_": (2, 0, 0.5),
    "index_reduce_": (0, ROWS, np.ones((2, 3)), "mean"), "transpose_": (0, 1), "swapaxes_": (0, 1), "swapdims_": (1, 0),
    "unsqueeze_": (1,), "ldexp_": (np.ones((3, 3)),), "heaviside_": (np.ones((3, 3)),),
}  # fmt: skip
PAIRS = "add sub mul div pow fmod remainder floor_divide eq ne lt le gt ge atan2 hypot copysign xlogy float_power"
WORDS = "subtract multiply divide true_divide not_equal less less_equal greater greater_equal arctan2"
OF_INTEGERS = {
    "bitwise_and_",
    "bitwise_or_",
    "bitwise_xor_",
    "bitwise_not_",
    "bitwise_left_shift_",
    "bitwise_right_shift_",
}
UNLIKE = {
    "bernoulli_",
    "normal_",
    "random_",
    "acosh_",
    "arccosh_",
    "addmv_",
    "baddbmm_",
}  # random, or of other shapes and numbers


def arguments_of(library: Any, name: str, start: Any) -> tuple[Any, ...]:
    def held(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(held, value))
        return library.tensor(value) if isinstance(value, np.ndarray) else value

    if name in OF_INTEGERS:
        return () if name == "bitwise_not_" else (library.tensor(np.full(start.shape, 2)),)
    paired = {f"{word}_" for word in (*PAIRS.split(), *WORDS.split(), "logical_and", "logical_or", "logical_xor")}
    return tuple(map(held, ARGUMENTS.get(name, (np.full(start.shape, 0.4),) if name in paired else ())))


@pytest.mark.filterwarnings("ignore:index_reduce")
@pytest.mark.parametrize("name", [name for name in IN_PLACE if name not in UNLIKE])
def test_changes_in_place_are_those_of_pytorch(torch: Any, name: str) -> None:
    start = RNG.random((3, 3)) * 0.8 + 0.1
    start = np.round(start * 10).astype(np.int64) if name in OF_INTEGERS else start
    start = np.round(start) if name.startswith("logical") else start
    found = []
    for library in (knoll, torch):
        x = library.tensor(start)
        assert getattr(x, name)(*arguments_of(library, name, start)) is x
        found.append(x.numpy())
    np.testing.assert_allclose(*found, rtol=1e-12, atol=1e-12)
    assert found[0].dtype == found[1].dtype


def test_a_change_in_place_of_a_result_has_a_gradient() -> None:
    both(lambda _, a: (a * 2).atan_().mul_(a), A)
    both(lambda _, a, b: (a * 2).lerp_(b, 0.25), A, B)
    both(lambda _, a, b: (a[:, 0] * 2).addmv_(a, b[0]), A, B)
    same_refusal(lambda t: t.ones(2, requires_grad=True).sinh_())


@pytest.mark.parametrize("number", [0.1, 1e300, -3, True, np.nan])
def test_a_number_that_is_copied_keeps_its_digits(number: Any) -> None:
    both(lambda _, x: (x * 1).copy_(number), np.ones(3), tolerance=0)
