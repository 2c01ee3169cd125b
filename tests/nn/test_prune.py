"""`nn.utils.prune` beside PyTorch: the same masks, keys, numbers and refusals."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, KnollError, ShapeError
from knoll.nn.utils import prune
from knoll.nn.utils.pruning_base import hooks_of

RNG = np.random.default_rng(0)
CONV, LINEAR = RNG.standard_normal((6, 4, 3, 3)).astype("f4"), RNG.standard_normal((5, 8)).astype("f4")
SCORES = RNG.standard_normal((6, 4, 3, 3)).astype("f4")


@pytest.fixture(name="torch")
def with_pruning(torch: Any) -> Any:
    """PyTorch, which imports this module only when it is asked for."""
    import_module("torch.nn.utils.prune")
    return torch


def conv(lib: Any) -> Any:
    layer = lib.nn.Conv2d(4, 6, 3)
    with lib.no_grad():
        layer.weight.copy_(lib.tensor(CONV))
        layer.bias.copy_(lib.tensor(CONV[:, 0, 0, 0]))
    return layer


def linear(lib: Any) -> Any:
    layer = lib.nn.Linear(8, 5)
    with lib.no_grad():
        layer.weight.copy_(lib.tensor(LINEAR))
        layer.bias.copy_(lib.tensor(LINEAR[:, 0]))
    return layer


def every_second(lib: Any) -> Any:
    """A method of one's own."""

    class EverySecond(lib.nn.utils.prune.BasePruningMethod):  # of either library
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, t: Any, default_mask: Any) -> Any:
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    return EverySecond


def numbers(module: Any) -> dict[str, np.ndarray]:
    return {key: value.detach().numpy() for key, value in module.state_dict().items()}


WAYS: dict[str, Callable[[Any, Any], Any]] = {
    "identity": lambda p, m: p.identity(m, "weight"),
    "l1, share": lambda p, m: p.l1_unstructured(m, "weight", 0.3),
    "l1, number": lambda p, m: p.l1_unstructured(m, name="weight", amount=7),
    "l1, none": lambda p, m: p.l1_unstructured(m, "weight", 0),
    "l1, all": lambda p, m: p.l1_unstructured(m, "weight", 1.0),
    "l1, bias": lambda p, m: p.l1_unstructured(m, "bias", 0.5),
    "l1 twice": lambda p, m: p.l1_unstructured(p.l1_unstructured(m, "weight", 0.3), "weight", 0.5),
    "l1, weight and bias": lambda p, m: p.l1_unstructured(p.l1_unstructured(m, "weight", 0.3), "bias", 2),
    "l2, rows": lambda p, m: p.ln_structured(m, "weight", 0.5, 2, 0),
    "l1, columns": lambda p, m: p.ln_structured(m, "weight", amount=1, n=1, dim=1),
    "largest, last axis": lambda p, m: p.ln_structured(m, "weight", 1, float("inf"), -1),
    "smallest, last axis": lambda p, m: p.ln_structured(m, "weight", 1, -float("inf"), dim=-1),
    "structured, none": lambda p, m: p.ln_structured(m, "weight", 0, 2, 0),
    "rows, then columns": lambda p, m: p.ln_structured(p.ln_structured(m, "weight", 2, 2, 0), "weight", 0.5, 2, 1),
    "rows, then rows": lambda p, m: p.ln_structured(p.ln_structured(m, "weight", 2, 2, 0), "weight", 0.5, 2, 0),
    "entries, then rows": lambda p, m: p.ln_structured(p.l1_unstructured(m, "weight", 0.4), "weight", 0.5, 2, 0),
    "rows, then entries": lambda p, m: p.l1_unstructured(p.ln_structured(m, "weight", 0.5, 2, 0), "weight", 0.4),
    "three times": lambda p, m: p.l1_unstructured(p.l1_unstructured(p.identity(m, "weight"), "weight", 5), "weight", 5),
    "removed": lambda p, m: p.remove(p.l1_unstructured(m, "weight", 0.3), "weight"),
    "removed and again": lambda p, m: p.l1_unstructured(
        p.remove(p.l1_unstructured(m, "weight", 0.3), "weight"), "weight", 0.6
    ),
}  # fmt: skip


@pytest.mark.parametrize("make", [conv, linear])
@pytest.mark.parametrize("name", WAYS)
def test_masks_numbers_and_gradients_are_those_of_pytorch(torch: Any, name: str, make: Any) -> None:
    ours, theirs = (WAYS[name](lib.nn.utils.prune, make(lib)) for lib in (knoll, torch))
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for key, value in numbers(theirs).items():
        np.testing.assert_array_equal(numbers(ours)[key], value, key)
    for part in ("weight", "bias"):
        np.testing.assert_array_equal(getattr(ours, part).detach().numpy(), getattr(theirs, part).detach().numpy())
    assert prune.is_pruned(ours) == torch.nn.utils.prune.is_pruned(theirs)
    assert [each for each, _ in ours.named_parameters()] == [each for each, _ in theirs.named_parameters()]
    assert [each for each, _ in ours.named_buffers()] == [each for each, _ in theirs.named_buffers()]
    x = RNG.standard_normal((2, 4, 5, 5) if make is conv else (3, 8)).astype("f4")
    for lib, layer in ((knoll, ours), (torch, theirs)):
        layer(lib.tensor(x)).square().sum().backward()
    for (each, one), two in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        scale = float(two.grad.abs().max())
        np.testing.assert_allclose(one.grad.numpy(), two.grad.numpy(), atol=1e-5 * scale, err_msg=each)


def test_scores_of_ones_own_and_masks_of_ones_own(torch: Any) -> None:
    found = []
    for lib in (knoll, torch):
        p, scores, mask = lib.nn.utils.prune, lib.tensor(SCORES), lib.tensor(SCORES > 0)
        layers = [
            p.l1_unstructured(conv(lib), "weight", 0.3, importance_scores=scores),
            p.ln_structured(conv(lib), "weight", 2, 1, 0, importance_scores=scores),
            p.custom_from_mask(conv(lib), "weight", mask),
            p.custom_from_mask(p.l1_unstructured(conv(lib), "weight", 0.3), name="weight", mask=mask),
        ]
        own = conv(lib)
        every_second(lib).apply(own, "weight")
        every_second(lib).apply(own, "weight")
        found.append([numbers(layer)["weight_mask"] for layer in (*layers, own)])
        method = p.L1Unstructured(3)
        found[-1].append(method.prune(lib.tensor(LINEAR)).numpy())
        found[-1].append(
            method.prune(lib.tensor(LINEAR), importance_scores=lib.tensor(-LINEAR.T.reshape(5, 8).copy())).numpy()
        )
        found[-1].append(
            p.LnStructured(2, 2, 0).prune(lib.tensor(LINEAR), lib.tensor((LINEAR > 0).astype("f4"))).numpy()
        )
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_several_parameters_as_one(torch: Any) -> None:
    states = []
    for lib in (knoll, torch):
        p, one, two = lib.nn.utils.prune, conv(lib), linear(lib)
        p.l1_unstructured(two, "weight", 0.5)
        pairs = [(one, "weight"), (two, "weight"), (one, "bias")]
        p.global_unstructured(pairs, pruning_method=p.L1Unstructured, amount=0.4)
        p.global_unstructured(tuple(pairs), p.L1Unstructured, {(one, "weight"): lib.tensor(SCORES)}, amount=20)
        states.append(numbers(lib.nn.Sequential(one, two)))
    assert list(states[0]) == list(states[1])
    for key, value in states[1].items():
        np.testing.assert_array_equal(states[0][key], value, key)


@pytest.mark.parametrize("amount", [0.25, 3])
def test_random_pruning_takes_as_many_as_it_is_told(amount: float) -> None:
    knoll.manual_seed(0)
    masks = []
    for _ in range(2):
        layer = prune.random_unstructured(nn.Linear(10, 12), "weight", amount)
        masks.append(numbers(layer)["weight_mask"])
        assert (masks[-1] == 0).sum() == (30 if amount == 0.25 else 3)
        rows = numbers(prune.random_structured(conv(knoll), "weight", amount, dim=0))["weight_mask"]
        cut = (rows == 0).all((1, 2, 3))
        assert cut.sum() == (2 if amount == 0.25 else 3)
        assert rows[~cut].all()
    assert not np.array_equal(*masks)
    prune.random_structured(layer, "weight", 2, dim=1)  # of what is left
    assert ((numbers(layer)["weight_mask"] == 0).all(0)).sum() >= 2
    assert prune.random_structured(conv(knoll), "weight", 1.0, 0).weight.abs().sum() == 0


def test_pruned_networks_are_one_program_and_train() -> None:
    knoll.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 4))
    prune.l1_unstructured(net[0], "weight", 0.5)
    prune.ln_structured(net[3], "weight", 0.25, n=2, dim=1)
    zero = [(net[place].weight_mask == 0).numpy() for place in (0, 3)]
    x, y = knoll.randn(16, 3, 6, 6), knoll.arange(16) % 4
    optimizer = knoll.optim.SGD(net.parameters(), 0.05, momentum=0.9)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(net(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4
    expected = net(x).detach().numpy()
    for place, mask in zip((0, 3), zero, strict=True):
        assert not net[place].weight.detach().numpy()[mask].any()
    np.testing.assert_allclose(knoll.compile(net, x)(x), expected, rtol=1e-5, atol=1e-6)
    for place in (0, 3):
        prune.remove(net[place], "weight")
    assert not prune.is_pruned(net)
    np.testing.assert_allclose(net(x).detach().numpy(), expected, rtol=1e-5, atol=1e-6)
    assert [type(parameter) for parameter in net.parameters()] == [nn.Parameter] * 4


def test_pruned_networks_are_saved(tmp_path: Any) -> None:
    layer = prune.l1_unstructured(conv(knoll), "weight", 0.5)
    knoll.save(layer.state_dict(), tmp_path / "layer.pth")
    other = prune.identity(nn.Conv2d(4, 6, 3), "weight")
    other.load_state_dict(knoll.load(tmp_path / "layer.pth"))
    x = knoll.randn(1, 4, 5, 5)
    expected = layer(x).detach().numpy()
    np.testing.assert_array_equal(other(x).detach().numpy(), expected)


WRONG: dict[str, Callable[[Any], object]] = {
    "a word": lambda lib: lib.nn.utils.prune.l1_unstructured(conv(lib), "weight", "half"),
    "below nothing": lambda lib: lib.nn.utils.prune.random_unstructured(conv(lib), "weight", -1),
    "more than all": lambda lib: lib.nn.utils.prune.random_unstructured(conv(lib), "weight", 1.5),
    "more than there are": lambda lib: lib.nn.utils.prune.l1_unstructured(conv(lib), "weight", 1000),
    "more channels than there are": lambda lib: lib.nn.utils.prune.ln_structured(conv(lib), "weight", 7, 2, 0),
    "no channels": lambda lib: lib.nn.utils.prune.ln_structured(conv(lib), "bias", 1, 2, 0),
    "no such axis": lambda lib: lib.nn.utils.prune.random_structured(conv(lib), "weight", 1, 4),
    "no such axis from behind": lambda lib: lib.nn.utils.prune.random_structured(
        lib.nn.utils.prune.identity(conv(lib), "weight"), "weight", 1, -5
    ),
    "not pruned": lambda lib: lib.nn.utils.prune.remove(conv(lib), "weight"),
    "not these scores": lambda lib: lib.nn.utils.prune.l1_unstructured(conv(lib), "weight", 1, lib.ones(3)),
    "not this mask": lambda lib: lib.nn.utils.prune.custom_from_mask(conv(lib), "weight", lib.ones(3)),
    "not these scores for a tensor": lambda lib: lib.nn.utils.prune.L1Unstructured(1).prune(
        lib.ones(2), importance_scores=lib.ones(3)
    ),
    "channels as one": lambda lib: lib.nn.utils.prune.global_unstructured(
        [(conv(lib), "weight")], lib.nn.utils.prune.LnStructured, amount=1, n=2
    ),
    "no pairs": lambda lib: lib.nn.utils.prune.global_unstructured(3, lib.nn.utils.prune.L1Unstructured, amount=1),
    "no dict": lambda lib: lib.nn.utils.prune.global_unstructured(
        [(conv(lib), "weight")], lib.nn.utils.prune.L1Unstructured, [1], amount=1
    ),
    "no method": lambda lib: lib.nn.utils.prune.PruningContainer(3),
}


@pytest.mark.parametrize("name", WRONG)
def test_refusals_are_those_of_pytorch(torch: Any, name: str) -> None:
    with pytest.raises((ValueError, TypeError, IndexError, AssertionError, AttributeError)) as theirs:
        WRONG[name](torch)
    kind = RuntimeError if theirs.type is AssertionError else theirs.type
    if name == "no method":  # PyTorch asks it for its name first
        kind, words = TypeError, "<class 'int'> is not a BasePruningMethod subclass"
    else:
        words = str(theirs.value)
    with pytest.raises(KnollError) as ours:
        WRONG[name](knoll)
    assert isinstance(ours.value, kind)
    if "nn.utils.prune" not in words:
        assert str(ours.value).splitlines()[0] == words


def test_a_method_that_fails_leaves_the_module_as_it_was() -> None:
    layer = prune.l1_unstructured(conv(knoll), "weight", 0.3)
    before = numbers(layer)
    for wrong in (
        lambda: prune.l1_unstructured(layer, "weight", 1000),
        lambda: prune.l1_unstructured(layer, "bias", 7),
    ):
        with pytest.raises(ArgumentError, match="should be smaller than the number of parameters to prune"):
            wrong()
    with pytest.raises(ShapeError, match="default_mask shape"):
        prune.custom_from_mask(layer, "bias", knoll.ones(2, 2))
    assert list(numbers(layer)) == list(before)
    prune.l1_unstructured(layer, "weight", 0.5)
    assert len(next(iter(hooks_of(layer).values()))) == 2  # it is a container
    prune.remove(layer, "weight")
    assert sorted(numbers(layer)) == ["bias", "weight"]


def test_containers_of_ones_own() -> None:
    one, two = prune.L1Unstructured(1), prune.L1Unstructured(2)
    one._tensor_name = two._tensor_name = "weight"
    container = prune.PruningContainer(one)
    container.add_pruning_method(two)
    assert (len(container), list(container), container[1]) == (2, [one, two], two)
    other = prune.Identity()
    other._tensor_name = "bias"
    with pytest.raises(
        ArgumentError, match=r"acting on the parameter named 'weight' to PruningContainer .* Found 'bias'"
    ):
        container.add_pruning_method(other)

    class Odd(prune.BasePruningMethod):
        PRUNING_TYPE = "odd"

        def compute_mask(self, t: Any, default_mask: Any) -> Any:
            return default_mask

    layer = prune.identity(conv(knoll), "weight")
    with pytest.raises(ArgumentError, match="Unrecognized PRUNING_TYPE odd"):
        Odd.apply(layer, "weight")
    Odd.PRUNING_TYPE = "structured"
    with pytest.raises(AttributeError, match='"structured" need to have the attribute `dim` defined'):
        Odd.apply(layer, "weight")
