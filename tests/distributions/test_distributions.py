"""Distributions: their formulas against PyTorch's, their draws by their moments, gradients, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import distributions as ours
from knoll import jit, nn
from knoll.errors import KnollError, UnsupportedError
from knoll.run import program_cache
from knoll.tensor import Tensor

RNG = np.random.default_rng(2)
A, B = RNG.normal(size=(4, 3)), RNG.random((4, 3)) + 0.1
ROWS = RNG.random((5, 4)) + 0.05
MADE: dict[str, tuple[str, dict[str, Any]]] = {
    "normal": ("Normal", {"loc": A, "scale": B}),
    "normal of a row": ("Normal", {"loc": A, "scale": B[0]}),
    "normal of numbers": ("Normal", {"loc": 0.5, "scale": 2.0}),
    "uniform": ("Uniform", {"low": A, "high": A + B}),
    "bernoulli": ("Bernoulli", {"probs": B / 2}),
    "bernoulli of logits": ("Bernoulli", {"logits": A}),
    "bernoulli of 0 and 1": ("Bernoulli", {"probs": np.array([0.0, 1.0, 0.5])}),
    "categorical": ("Categorical", {"probs": ROWS}),
    "categorical of logits": ("Categorical", {"logits": ROWS * 4}),
    "categorical of one row": ("Categorical", {"probs": np.array([0.0, 3.0, 1.0])}),
}


def values_of(name: str) -> Any:
    """Values that the distribution may take."""
    if name.startswith("uniform"):
        return A + B * RNG.random((2, 4, 3)) * 0.99
    if name.startswith("bernoulli"):
        return RNG.integers(0, 2, (2, 3) if "0 and 1" in name else (2, 4, 3)).astype(np.float64)
    if name.startswith("categorical"):
        return RNG.integers(0, 3, (2, 5) if "row" not in name else (6,))
    return RNG.normal(size=(2, 4, 3))


def made(library: Any, tensor: Any, name: str, wanting: bool = False) -> tuple[Any, list[Any]]:
    """The distribution of a library, and its parameters."""
    kind, given = MADE[name]
    parameters = {key: tensor(value) if isinstance(value, np.ndarray) else value for key, value in given.items()}
    leaves = [value for value in parameters.values() if not isinstance(value, float)]
    for leaf in leaves:
        leaf.requires_grad_(wanting)
    return getattr(library, kind)(**parameters), leaves


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("what", ["log_prob", "cdf", "entropy", "mean", "mode", "variance", "stddev", "perplexity"])
def test_formulas_and_their_gradients_are_those_of_pytorch(torch: Any, name: str, what: str) -> None:
    theirs = __import__("torch.distributions").distributions
    mine, leaves = made(ours, knoll.tensor, name, wanting=True)
    other, others = made(theirs, torch.tensor, name, wanting=True)
    if not hasattr(type(other), what) or (what == "cdf" and "cdf" not in vars(type(other))):
        with pytest.raises(UnsupportedError, match=f"has no {what}"):
            mine.cdf(knoll.tensor(0.5))
        return
    given = values_of(name) if what in ("log_prob", "cdf") else None

    def asked(distribution: Any, tensor: Any) -> Any:
        member = getattr(distribution, what)
        return member(tensor(given)) if given is not None else member() if callable(member) else member

    result, wanted = asked(mine, knoll.tensor), asked(other, torch.tensor)
    assert tuple(result.shape) == tuple(wanted.shape)
    np.testing.assert_allclose(result.detach().numpy(), wanted.detach().numpy(), rtol=1e-13, atol=1e-13)
    if wanted.requires_grad and wanted.isfinite().all():
        result.sum().backward()
        wanted.sum().backward()
        for leaf, same in zip(leaves, others, strict=True):
            if same.grad is not None:
                np.testing.assert_allclose(leaf.grad.numpy(), same.grad.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", MADE)
def test_they_have_the_shapes_and_are_printed_as_in_pytorch(torch: Any, name: str) -> None:
    theirs = __import__("torch.distributions").distributions
    mine, _ = made(ours, knoll.tensor, name)
    other, _ = made(theirs, torch.tensor, name)
    assert (tuple(mine.batch_shape), tuple(mine.event_shape)) == (tuple(other.batch_shape), tuple(other.event_shape))
    assert repr(mine) == repr(other).replace("torch.Size([", "(").replace("])", ")").replace("(3)", "(3,)")
    for shape in ((), (2,), (2, 3)):
        assert tuple(mine.sample(shape).shape) == tuple(other.sample(shape).shape)
        assert not mine.sample(shape).requires_grad


PAIRS = [("normal", "normal of a row"), ("uniform", "uniform"), ("bernoulli", "bernoulli of logits")]
PAIRS += [("categorical", "categorical of logits"), ("bernoulli of 0 and 1", "bernoulli of 0 and 1")]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_divergences_are_those_of_pytorch(torch: Any, first: str, second: str) -> None:
    theirs = __import__("torch.distributions").distributions
    for names in ((first, second), (second, first)):
        p, q = (made(ours, knoll.tensor, name)[0] for name in names)
        others = [made(theirs, torch.tensor, name)[0] for name in names]
        wanted = theirs.kl_divergence(*others).numpy()
        np.testing.assert_allclose(ours.kl_divergence(p, q).numpy(), wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["normal", "uniform", "bernoulli"])
def test_draws_have_the_mean_and_the_variance(name: str) -> None:
    distribution, _ = made(ours, knoll.tensor, name)
    drawn = distribution.sample((40_000,)).numpy()
    spread = distribution.stddev.numpy()
    # A mean of 40,000 draws is known to 1/200 of the deviation; five times that is not exceeded by chance.
    assert (np.abs(drawn.mean(0) - distribution.mean.numpy()) < spread / 40).all()
    np.testing.assert_allclose(drawn.var(0), distribution.variance.numpy(), rtol=0.1)


def test_classes_are_drawn_as_often_as_they_are_likely() -> None:
    distribution = ours.Categorical(probs=knoll.tensor(ROWS))
    drawn = distribution.sample((40_000,)).numpy()
    often = np.stack([(drawn == place).mean(0) for place in range(4)], -1)
    assert drawn.dtype == np.int64
    np.testing.assert_allclose(often, ROWS / ROWS.sum(1, keepdims=True), atol=0.015)


def test_draws_have_the_gradient_of_their_parameters() -> None:
    loc, scale = (knoll.tensor(each, requires_grad=True) for each in (A, B))
    drawn = ours.Normal(loc, scale).rsample((7,))
    drawn.sum().backward()
    assert loc.grad is not None
    assert scale.grad is not None
    np.testing.assert_allclose(loc.grad.numpy(), 7.0)
    noise = ((drawn.detach() - loc.detach()) / scale.detach()).sum(0)
    np.testing.assert_allclose(scale.grad.numpy(), noise.numpy(), rtol=1e-9)


class Encoder(nn.Module):
    """An encoder that draws what it gives, as those of variational autoencoders do."""

    def __init__(self) -> None:
        super().__init__()
        self.mean, self.width = nn.Linear(6, 3), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        q = ours.Normal(self.mean(x), nn.functional.softplus(self.width(x)))
        prior = ours.Normal(knoll.zeros(3), knoll.ones(3))
        return q.rsample(), ours.kl_divergence(q, prior).sum(1)


def test_a_network_that_draws_is_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    new = program_cache._new

    def seen(*given: Any) -> Any:
        made.append(given)
        return new(*given)

    monkeypatch.setattr(program_cache, "_new", seen)
    z, divergence = Encoder()(knoll.ones(5, 6))
    assert len(made) == 1
    (z.sum() + divergence.sum()).backward()
    assert z.shape == (5, 3)
    assert divergence.shape == (5,)


WRONG: dict[str, tuple[str, Any]] = {
    "a scale": ("Expected parameter scale", lambda: ours.Normal(0.0, -1.0)),
    "scales": ("GreaterThan", lambda: ours.Normal(knoll.zeros(2), knoll.tensor([1.0, 0.0]))),
    "nan": ("Expected parameter loc", lambda: ours.Normal(float("nan"), 1.0)),
    "a word": ("Input arguments must all be instances", lambda: ours.Normal("a", 1.0)),
    "shapes": ("size of tensor", lambda: ours.Normal(knoll.zeros(2), knoll.ones(3))),
    "ends": ("Uniform is not defined", lambda: ours.Uniform(1.0, 1.0)),
    "a probability": ("Interval", lambda: ours.Bernoulli(1.5)),
    "both": ("Either `probs` or `logits`", lambda: ours.Bernoulli(0.5, logits=0.0)),
    "neither": ("Either `probs` or `logits`", lambda: ours.Categorical()),
    "no axis": ("at least one-dimensional", lambda: ours.Categorical(knoll.tensor(1.0))),
    "weights": ("Simplex", lambda: ours.Categorical(knoll.tensor([-1.0, 2.0]))),
    "a list": ("must be a Tensor", lambda: ours.Categorical([0.5, 0.5])),
    "a value": ("Boolean", lambda: ours.Bernoulli(0.5).log_prob(knoll.tensor(0.3))),
    "a class": ("IntegerInterval", lambda: ours.Categorical(knoll.ones(3)).log_prob(knoll.tensor(3))),
    "a value that is none": ("must be a Tensor", lambda: ours.Normal(0.0, 1.0).log_prob(0.3)),
    "a value of a shape": ("not broadcastable", lambda: ours.Normal(knoll.zeros(2), 1.0).log_prob(knoll.zeros(3))),
    "a shape": ("sample_shape", lambda: ours.Normal(0.0, 1.0).sample((-1,))),
    "a gradient": ("has no rsample", lambda: ours.Bernoulli(0.5).rsample()),
    "two kinds": ("No KL", lambda: ours.kl_divergence(ours.Bernoulli(0.5), ours.Normal(0.0, 1.0))),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_is_refused(case: str) -> None:
    sentence, call = WRONG[case]
    with pytest.raises(KnollError, match=sentence):
        call()


def test_nothing_is_checked_where_that_is_asked_for() -> None:
    assert ours.Normal(0.0, -1.0, validate_args=False).scale.item() == -1
    ours.Distribution.set_default_validate_args(False)
    try:
        assert ours.Bernoulli(2.0).probs.item() == 2
    finally:
        ours.Distribution.set_default_validate_args(True)


def test_other_distributions_say_what_to_write() -> None:
    beta = getattr(ours, "Beta")  # noqa: B009 (which type checkers know to be absent)
    assert issubclass(beta, ours.Distribution)
    assert not isinstance(ours.Normal(0.0, 1.0), beta)
    with pytest.raises(UnsupportedError, match=r"(?s)distributions.Beta is not there.*default_rng"):
        beta(2.0, 3.0)
    with pytest.raises(AttributeError, match=r"(?s)no attribute 'biject_to'.*default_rng"):
        getattr(ours, "biject_to")  # noqa: B009 (which type checkers know to be absent)
    with pytest.raises(AttributeError, match=r"(?s)no attribute 'Normall'.*try: Normal"):
        getattr(ours, "Normall")  # noqa: B009 (which type checkers know to be absent)


def test_a_module_that_pytorch_would_compile_is_a_module() -> None:
    class Twice(jit.ScriptModule):
        def __init__(self) -> None:
            super().__init__()
            self.factor = nn.Parameter(knoll.tensor(2.0))

        @jit.script_method
        def forward(self, x: Tensor) -> Tensor:
            return x * self.factor

    twice = Twice()
    twice(knoll.ones(3)).sum().backward()
    assert twice.factor.grad is not None
    assert twice.factor.grad.item() == 3
    assert list(nn.Sequential(twice).state_dict()) == ["0.factor"]


def test_memory_is_not_shared_in_silence() -> None:
    for holder in (nn.Linear(2, 2).share_memory, knoll.zeros(2).share_memory_):
        with pytest.raises(UnsupportedError, match="Processes cannot share a tensor"):
            holder()
    assert not knoll.zeros(2).is_shared()
