"""Functions that are called with a tensor's gradient: when, in which order, and what they may return."""

from __future__ import annotations

import copy
import pickle
from functools import partial
from typing import Any

import pytest

import knoll
from knoll import nn
from knoll.errors import StateError
from side_by_side import same_refusal


def leaf(library: Any, *numbers: float) -> Any:
    return library.tensor(numbers, dtype=library.float32, requires_grad=True)


def seen_by(library: Any, program: Any) -> list[Any]:
    """What `program` notes while it runs in one library."""
    seen: list[Any] = []
    program(library, lambda name, dx: seen.append((name, dx.tolist())))
    return seen


def same_in_pytorch(program: Any) -> None:
    torch = pytest.importorskip("torch")
    assert seen_by(knoll, program) == seen_by(torch, program)


def test_a_hook_sees_the_whole_gradient_before_it_is_added() -> None:
    def program(library: Any, note: Any) -> None:
        a, b = leaf(library, 1, 2), leaf(library, 3, 4)
        a.register_hook(partial(note, "a"))
        b.register_hook(lambda db: note("b", db) or db * 10)
        h = a * b
        h.register_hook(lambda dh: note("first", dh) or dh * 2)
        h.retain_grad()
        h.register_hook(lambda dh: note("second", dh) or dh * 3)
        for _ in range(2):
            (h * a + h).sum().backward(retain_graph=True)
        note("h", h.grad)
        note("a", a.grad)
        note("b", b.grad)

    same_in_pytorch(program)


def test_layers_are_seen_last_first() -> None:
    seen: list[str] = []
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    for name, parameter in net.named_parameters():
        parameter.register_hook(lambda _, name=name: seen.append(name))
    net(knoll.ones(4, 2)).sum().backward()
    assert [name[0] for name in seen] == ["2", "2", "0", "0"]


def test_a_result_on_the_way_is_seen_before_what_lies_behind_it() -> None:
    def program(library: Any, note: Any) -> None:
        w, v, x = leaf(library, 2), leaf(library, 5), leaf(library, 3)
        for name, tensor in (("x", x), ("w", w), ("v", v)):
            tensor.register_hook(partial(note, name))
        h = x * w
        h.register_hook(partial(note, "h"))
        (h * v * v).sum().backward()

    same_in_pytorch(program)


def in_place(dx: Any) -> None:
    dx.mul_(2)


def test_a_replacement_flows_on() -> None:
    def program(library: Any, note: Any) -> None:
        x = leaf(library, 1, -2)
        h = x * 3
        h.register_hook(lambda dh: library.ones_like(dh) * 7)
        handle = h.register_hook(lambda dh: dh * 100)
        handle.remove()
        handle.remove()
        h.register_hook(in_place)
        with x.register_hook(lambda dx: dx + 1):
            (h * h).sum().backward(retain_graph=True)
        (h * h).sum().backward()
        note("x", x.grad)

    same_in_pytorch(program)


def test_hooks_stay_with_the_numbers_they_were_registered_for() -> None:
    def program(library: Any, note: Any) -> None:
        x = leaf(library, 1, 2)
        h = x * 1
        h.register_hook(partial(note, "before"))
        h.mul_(3)
        h.register_hook(partial(note, "after"))
        h.sum().backward()

    same_in_pytorch(program)


def test_a_kept_replacement_is_not_shared() -> None:
    x, given = leaf(knoll, 1, 2), knoll.ones(2)
    x.register_hook(lambda _: given)
    (x * 3).sum().backward()
    x.grad.zero_()
    assert given.tolist() == [1, 1]


def test_hooks_compute_without_gradient() -> None:
    def program(library: Any, note: Any) -> None:
        x = leaf(library, 1, 2)
        x.register_hook(lambda dx: note(str((dx * x).requires_grad), dx))
        (x * x).sum().backward()

    same_in_pytorch(program)


def test_inside_a_module_the_gradient_of_a_feature_map_is_seen() -> None:
    """As class activation maps are made: a forward hook, and in it a hook on the result."""
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2, 3))
    x, seen = knoll.randn(1, 1, 3, 3), []
    net(x)[0, 1].backward()
    expected = net[0].weight.grad.tolist()
    net.zero_grad()

    def watch(module: Any, inputs: Any, result: Any) -> None:
        result.register_hook(seen.append)

    net[1].register_forward_hook(watch)
    net(x)[0, 1].backward()
    assert seen[0].flatten().tolist() == pytest.approx(net[3].weight[1].tolist())
    assert [*knoll.tensor(expected).flatten().tolist()] == pytest.approx(net[0].weight.grad.flatten().tolist())


def test_asked_for_too_late() -> None:
    class Keeping(nn.Module):
        def forward(self, x: Any) -> Any:
            self.h = x * 3
            return (self.h * self.h).sum()

    module = Keeping()
    module(leaf(knoll, 1, 2))
    with pytest.raises(StateError, match=r"(?s)cannot be seen.*register_hook\(\) inside forward"):
        module.h.register_hook(print)


@pytest.mark.parametrize(("language", "words"), [("en", "requires_grad_"), ("zh", "再用它计算")])
def test_refusals(language: str, words: str) -> None:
    knoll.set_language(language)
    same_refusal(lambda lib: lib.ones(2).register_hook(print))
    with pytest.raises(StateError, match=words):
        knoll.ones(2).register_hook(print)


def backward_with(library: Any, hook: Any) -> None:
    x = leaf(library, 1, 2)
    x.register_hook(hook)
    (x * 2).sum().backward()


def test_a_replacement_that_does_not_fit() -> None:
    def widened(dx: Any) -> Any:
        return dx.reshape(1, 2)

    same_refusal(lambda lib: backward_with(lib, lambda _: 3))
    same_refusal(lambda lib: backward_with(lib, lambda dx: (dx,)))
    same_refusal(lambda lib: backward_with(lib, lambda dx: dx[:1]))
    same_refusal(lambda lib: backward_with(lib, widened))
    same_refusal(lambda lib: backward_with(lib, 3))
    with pytest.raises(RuntimeError, match=r"has changed the type of value \(was knoll.FloatTensor got knoll.Double"):
        backward_with(knoll, lambda dx: dx.double())


@pytest.mark.parametrize(("language", "words"), [("en", "or nothing to leave it"), ("zh", "以替换梯度")])
def test_what_a_hook_may_return_is_said(language: str, words: str) -> None:
    knoll.set_language(language)
    with pytest.raises(TypeError, match=words):
        backward_with(knoll, lambda dx: dx.tolist())


def test_copies_have_no_hooks() -> None:
    x, seen = leaf(knoll, 1, 2), []
    x.register_hook(seen.append)
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        twin.sum().backward()
    assert seen == []


def accumulated(library: Any) -> list[Any]:
    """What hooks see after a gradient was added: of a leaf used twice, in a second pass, of inputs that are named."""
    x, w = leaf(library, 1, 2), leaf(library, 3, 4)
    seen: list[Any] = []

    def hook(tensor: Any) -> None:
        seen.append((tensor is x, tensor.grad.tolist()))

    handle = x.register_post_accumulate_grad_hook(hook)
    x.register_hook(lambda dx: dx * 10)
    ((x * 2) * w + x).sum().backward()
    (x * 3).sum().backward()
    (x * x * w).sum().backward(inputs=[x])
    library.autograd.grad((x * x).sum(), x)
    (x**3).sum().backward(create_graph=True)
    handle.remove()
    (x * 3).sum().backward()
    x.register_post_accumulate_grad_hook(lambda tensor: setattr(tensor, "grad", None))
    (x * 3).sum().backward()
    return [*seen, x.grad]


@pytest.mark.filterwarnings("ignore:Using backward")
def test_a_hook_after_the_gradient_was_added(torch: Any) -> None:
    assert accumulated(knoll) == accumulated(torch)


def test_a_step_for_each_parameter_while_backward_goes_on() -> None:
    """As PyTorch's tutorial of saving memory: each gradient is let go before the next is known."""
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    twin = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    twin.load_state_dict(net.state_dict())
    optimizers = {p: knoll.optim.SGD([p], lr=0.1) for p in net.parameters()}

    def step(parameter: Any) -> None:
        optimizers[parameter].step()
        optimizers[parameter].zero_grad()

    for parameter in net.parameters():
        parameter.register_post_accumulate_grad_hook(step)
    together, x = knoll.optim.SGD(twin.parameters(), lr=0.1), knoll.randn(5, 3)
    for _ in range(3):
        net(x).sum().backward()
        assert all(parameter.grad is None for parameter in net.parameters())
        together.zero_grad()
        twin(x).sum().backward()
        together.step()
    for mine, other in zip(net.parameters(), twin.parameters(), strict=True):
        assert mine.tolist() == other.tolist()


def test_refusals_of_hooks_after_the_gradient() -> None:
    same_refusal(lambda lib: lib.ones(2).register_post_accumulate_grad_hook(print))
    same_refusal(lambda lib: (leaf(lib, 1, 2) * 2).register_post_accumulate_grad_hook(print))

    def returns(lib: Any, hook: Any) -> None:
        x = leaf(lib, 1, 2)
        x.register_post_accumulate_grad_hook(hook)
        (x * 2).sum().backward()

    same_refusal(lambda lib: returns(lib, lambda _: 3))
    same_refusal(lambda lib: returns(lib, lambda x: x.grad.mul_(2)))


def changed_view(note: Any, h: Any, x: Any) -> Any:
    v = h[0]
    v.mul_(2)
    v.register_hook(lambda dv: note("v", dv) or dv * 10)
    v.retain_grad()
    return (h * h).sum() + v.sum() * x.sum()


def view_changed_before_its_base_is_used(note: Any, h: Any, x: Any) -> Any:
    v = h[0]
    v.mul_(2)
    v.register_hook(partial(note, "nothing arrives here"))
    return (h * h).sum()


def changed_through_another_view(note: Any, h: Any, x: Any) -> Any:
    v, w = h[0], h[:, 1]
    v.mul_(2)
    w.add_(1)
    for part in (w, h, v):
        part.retain_grad()
    x.register_hook(lambda _: [note("kept", part.grad) for part in (w, h, v)] and None)
    return (h * h).sum() + v.sum() * w.sum()


def constant_that_learned(note: Any, h: Any, x: Any) -> Any:
    a = x.detach() * 0
    a[0].copy_(h[0])
    a.retain_grad()
    a.register_hook(lambda da: note("a", da) or da * 10)
    return (a * a + a).sum()


def kept_before_a_change(note: Any, h: Any, x: Any) -> Any:
    h.retain_grad()
    h.register_hook(partial(note, "as it was"))
    h.mul_(2)
    x.register_hook(lambda _: note("kept", h.grad))
    return (h * h).sum()


def kept_before_a_change_of_a_view(note: Any, h: Any, x: Any) -> Any:
    h.retain_grad()
    v = h.view(-1)
    v.mul_(2)
    x.register_hook(lambda _: note("kept", h.grad))
    return (v * v).sum()


def kept_view_of_what_changes(note: Any, h: Any, x: Any) -> Any:
    v = h[0]
    v.retain_grad()
    h.mul_(2)
    x.register_hook(lambda _: note("kept", v.grad))
    return (v * v).sum()


def both_wanted(note: Any, h: Any, x: Any) -> Any:
    v = h[0]
    v.mul_(2)
    library = knoll if isinstance(x, knoll.Tensor) else pytest.importorskip("torch")
    for dx in library.autograd.grad((v * v).sum(), [v, h, x], retain_graph=True):
        note("by grad", dx)
    return (v * v).sum()


@pytest.mark.pytorch
@pytest.mark.parametrize(
    "changed",
    [
        changed_view, view_changed_before_its_base_is_used, changed_through_another_view, constant_that_learned,
        kept_before_a_change, kept_before_a_change_of_a_view, kept_view_of_what_changes, both_wanted,
    ],
)  # fmt: skip
def test_gradients_of_what_was_changed_in_place(changed: Any) -> None:
    def program(library: Any, note: Any) -> None:
        x = library.arange(6.0).reshape(2, 3).requires_grad_()
        changed(note, x * 1, x).backward()
        note("x", x.grad)

    same_in_pytorch(program)
