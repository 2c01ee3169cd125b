"""Laws over the cards of all optimisers and schedules: words for every argument, and numbers that they really give."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import optim
from knoll.document import Picture
from knoll.draw.scene import Scene
from knoll.explain import TrainingExplanation
from knoll.explain.numbers import short
from knoll.explain.training.all_cards import OPTIMIZERS, SCHEDULES, TRAINING
from knoll.explain.training.builder import effect, explained
from knoll.explain.training.calculation import digits
from knoll.explain.training.examples import TrainingExample, examples
from knoll.explain.training.programs import PRINTED, loop
from knoll.explain.training.questions import questions
from knoll.explain.training.recipe import Kind, Recipe, arguments_of, text
from knoll.explain.training.recovered import recipe_of_schedule
from knoll.explain.training.samples import samples
from knoll.explain.training.setup import Setup, start, watched
from knoll.messages import LANGUAGES
from knoll.optim import lr_scheduler
from knoll.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau

EXAMPLES = list(examples())
kinds = pytest.mark.parametrize("kind", TRAINING, ids=lambda kind: kind.__name__)


def plain(kind: Kind) -> Setup:
    """The example of a card."""
    return Setup(Recipe(kind, TRAINING[kind].example))


def test_every_optimiser_and_every_schedule_has_a_card() -> None:
    assert {kind.__name__ for kind in OPTIMIZERS} == set(optim.__all__) - {"Optimizer", "lr_scheduler"}
    assert {kind.__name__ for kind in SCHEDULES} == set(lr_scheduler.__all__) - {"LRScheduler", "_LRScheduler"}


@kinds
def test_every_argument_has_words_and_three_values_or_all(kind: Kind) -> None:
    card = TRAINING[kind]
    assert set(card.arguments) == set(arguments_of(kind))
    for name, argument in card.arguments.items():
        every = argument.is_all or isinstance(argument.values[0], bool)
        assert len({str(value) for value in argument.values}) == len(argument.values) >= (1 if every else 3), name


@kinds
def test_an_explanation_has_every_form_in_each_language(kind: Kind) -> None:
    found = explained(plain(kind))
    assert {note.name for note in found.parameters} == set(arguments_of(kind))
    assert found.json()
    for language in LANGUAGES:
        written = found.text(language)
        assert all(f"{note.name}=" in written for note in found.parameters)
        assert "{" not in written
        assert "<svg" in found.html(language)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_value_has_words(example: TrainingExample) -> None:
    found = explained(example.setup)
    note = next(note for note in found.parameters if note.name == example.name)
    for language in LANGUAGES:
        assert all(words.text(language) for words in note.words)
        assert "{" not in "".join(words.text(language) for words in note.words)


@kinds
def test_samples_print_what_is_told(kind: Kind) -> None:
    for example, sample in samples(kind):
        first = [line.split()[0] for line in sample.printed.splitlines()]
        told = example.setup.series(len(first))
        np.testing.assert_allclose([float(each) for each in first], told, rtol=1e-3, atol=1e-6)
        assert len(first) >= 5


@kinds
def test_questions_have_one_right_answer(kind: Kind) -> None:
    for example, question in questions(kind):
        assert 2 <= len(set(question.choices)) == len(question.choices) <= 4, example
        assert question.why
        for language in LANGUAGES:
            assert question.words.text(language).endswith(("?", "？"))
        if question.kind == "numbers":
            assert sum(is_right(example, str(choice), str(question.words)) for choice in question.choices) == 1
            assert is_right(example, str(question.right), str(question.words))


def is_right(example: TrainingExample, answer: str, asked: str) -> bool:
    """Whether it is what the optimiser or the schedule gives after as many steps as are asked for."""
    count = re.search(r"(\d+) (?:steps?|calls?) of|(?:更新|调用) (\d+) ", asked)
    assert count is not None
    number = int(count[1] or count[2])
    setup = example.setup
    if not setup.is_schedule:
        return answer == short(setup.series(number)[-1])
    moment = setup.moments(number + 1)[-1]
    wants_momentum = re.search("is the momentum|动量是", asked) is not None
    return answer == short((moment.momentum or 0.0) if wants_momentum else moment.rate)


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.name != "last_epoch"], ids=str)
def test_calculations_lead_to_what_was_really_found(example: TrainingExample) -> None:
    setup, first = example.setup, 0 if example.setup.is_schedule else 1
    for number in (first, first + 1, first + 4):
        lines = example.card.worked(setup, number)
        if len(lines) > 1:
            assert_calculated(lines)
        if lines and example.kind is not ReduceLROnPlateau:
            assert lines[-1].rpartition("= ")[2] == digits(setup.series(number + 1 - first)[-1])


def assert_calculated(lines: tuple[str, ...]) -> None:
    """A number is what a calculator gives for the digits before it, on its line or on that before.

    All have six; where terms cancel each other, the sixth is that of the larger terms.
    """
    parts = [part for line in lines for part in re.split(r"(?:^|(?<= ))= |← ", line) if part.strip()]
    found = [(before, value(before), value(after)) for before, after in pairwise(parts) if is_number(after)]
    known = [(shown, before, after) for shown, before, after in found if before is not None]
    assert known
    for shown, before, after in known:
        largest = max(float(number) for number in re.findall(r"(?<!\^)\d[\d.]*(?:e-?\d+)?", shown))
        assert before == pytest.approx(after, rel=1e-5, abs=4e-6 * min(largest, 2.0)), lines


def is_number(part: str) -> bool:
    return re.fullmatch(r"−?[\d.]+(e[-+]?\d+)?", part.strip()) is not None


def value(part: str) -> float | None:
    """What a part of a calculation gives; None where names stand in it."""
    signs = (("−", "-"), ("·", "*"), ("^", "**"), ("²", "**2"), ("⌊", "floor("), ("⌋", ")"), ("π", "pi"))
    part = re.sub(r"\(\d+ [<≥] \d+\)", "", part)
    for sign, own in signs:
        part = part.replace(sign, own)
    part = re.sub(r"√([\d.]+(e-?\d+)?)", r"sqrt(\1)", part)
    names = {"sqrt": math.sqrt, "cos": math.cos, "pi": math.pi, "floor": math.floor, "max": max}
    try:
        return float(eval(part.strip(), {"__builtins__": {}}, names))  # noqa: S307 (a calculation of the card)
    except (SyntaxError, NameError, TypeError):
        return None


@kinds
def test_effects_are_what_such_a_one_gives(kind: Kind) -> None:
    setup = plain(kind)
    found = explained(setup)
    arguments = TRAINING[kind].arguments
    others = [(name, each) for name, own in arguments.items() if own.others for each in own.others(setup)]
    assert len(found.effects) == len(others)
    for each, (name, other) in zip(found.effects, others, strict=True):
        assert repr(each.value) == text(name, other)
        if each.series:
            changed = Setup(Recipe(kind, {**setup.recipe.arguments, name: other}))
            assert changed.series(len(found.series)) == each.series
        else:
            assert each.reason


def test_impossible_values_are_told() -> None:
    found = effect(plain(optim.SGD), "nesterov", True, 5)
    assert (found.series, found.reason) == ((), "Nesterov momentum requires a momentum and zero dampening")
    assert "dampening 为 0" in explained(plain(optim.SGD)).text("zh")


# The numbers themselves


def numpy_sgd(count: int, lr: float, momentum: float = 0, dampening: float = 0, weight_decay: float = 0,
              nesterov: bool = False, maximize: bool = False) -> list[float]:  # fmt: skip
    p, b, found = 1.0, None, []
    for _ in range(count):
        g = (-1 if maximize else 1) * 2 * p + weight_decay * p
        if momentum:
            b = g if b is None else momentum * b + (1 - dampening) * g
            g = g + momentum * b if nesterov else b
        p -= lr * g
        found.append(p)
    return found


def numpy_adam(count: int, lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
               weight_decay: float = 0, amsgrad: bool = False, maximize: bool = False,
               decoupled_weight_decay: bool = False) -> list[float]:  # fmt: skip
    p, m, v, most, found = 1.0, 0.0, 0.0, 0.0, []
    for t in range(1, count + 1):
        g = (-1 if maximize else 1) * 2 * p
        if decoupled_weight_decay:
            p *= 1 - lr * weight_decay
        else:
            g += weight_decay * p
        m, v = betas[0] * m + (1 - betas[0]) * g, betas[1] * v + (1 - betas[1]) * g * g
        most = max(most, v) if amsgrad else v
        p -= lr * m / (1 - betas[0] ** t) / (math.sqrt(most / (1 - betas[1] ** t)) + eps)
        found.append(p)
    return found


def descent(count: int, move: Callable[[int, float, float], float], *, weight_decay: float = 0, maximize: bool = False,
            shrink: float = 0) -> list[float]:  # fmt: skip
    p, found = 1.0, []
    for t in range(1, count + 1):
        g = (-1 if maximize else 1) * 2 * p
        if shrink:
            p *= 1 - shrink
        else:
            g += weight_decay * p
        p -= move(t, g, p)
        found.append(p)
    return found


def numpy_rmsprop(count: int, lr: float, alpha: float = 0.99, eps: float = 1e-8, momentum: float = 0,
                  centered: bool = False, **rest: Any) -> list[float]:  # fmt: skip
    v = mean = b = 0.0

    def move(_: int, g: float, __: float) -> float:
        nonlocal v, mean, b
        v, mean = alpha * v + (1 - alpha) * g * g, alpha * mean + (1 - alpha) * g
        b = momentum * b + g / (math.sqrt(v - mean**2 * centered) + eps)
        return lr * b

    return descent(count, move, **rest)


def numpy_adagrad(count: int, lr: float, lr_decay: float = 0, initial_accumulator_value: float = 0,
                  eps: float = 1e-10, **rest: Any) -> list[float]:  # fmt: skip
    s = initial_accumulator_value

    def move(t: int, g: float, _: float) -> float:
        nonlocal s
        s += g * g
        return lr / (1 + (t - 1) * lr_decay) * g / (math.sqrt(s) + eps)

    return descent(count, move, **rest)


def numpy_adadelta(count: int, lr: float, rho: float = 0.9, eps: float = 1e-6, **rest: Any) -> list[float]:
    v = u = 0.0

    def move(_: int, g: float, __: float) -> float:
        nonlocal v, u
        v = rho * v + (1 - rho) * g * g
        d = math.sqrt(u + eps) / math.sqrt(v + eps) * g
        u = rho * u + (1 - rho) * d * d
        return lr * d

    return descent(count, move, **rest)


def numpy_moments(kind: Kind, count: int, lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                  momentum_decay: float = 4e-3, weight_decay: float = 0, decoupled_weight_decay: bool = False,
                  maximize: bool = False) -> list[float]:  # fmt: skip
    m = v = u = 0.0
    product = np.float32(1)
    most = 2 / (1 - betas[1]) - 1

    def move(t: int, g: float, _: float) -> float:
        nonlocal m, v, u, product
        m, v = betas[0] * m + (1 - betas[0]) * g, betas[1] * v + (1 - betas[1]) * g * g
        u, rest = max(betas[1] * u, abs(g) + eps), 1 - betas[1] ** t
        if kind is optim.Adamax:
            return lr * m / (1 - betas[0] ** t) / u
        if kind is optim.NAdam:
            now, later = (betas[0] * (1 - 0.5 * 0.96 ** (n * momentum_decay)) for n in (t, t + 1))
            product *= np.float32(now)
            ahead = later * m / (1 - float(product) * later)
            return lr * ((1 - now) * g / (1 - float(product)) + ahead) / (math.sqrt(v / rest) + eps)
        seen = most - 2 * t * betas[1] ** t / rest
        if seen <= 5:
            return lr * m / (1 - betas[0] ** t)
        share = math.sqrt((seen - 4) * (seen - 2) * most / ((most - 4) * (most - 2) * seen))
        return lr * share * m / (1 - betas[0] ** t) * math.sqrt(rest) / (math.sqrt(v) + eps)

    shrink = lr * weight_decay if decoupled_weight_decay else 0
    return descent(count, move, weight_decay=weight_decay, maximize=maximize, shrink=shrink)


def numpy_rprop(count: int, lr: float, etas: tuple[float, float], step_sizes: tuple[float, float],
                maximize: bool) -> list[float]:  # fmt: skip
    size, former = lr, 0.0

    def move(_: int, g: float, __: float) -> float:
        nonlocal size, former
        agrees = g * former
        size = min(max(size * (etas[1] if agrees > 0 else etas[0] if agrees < 0 else 1), step_sizes[0]), step_sizes[1])
        former = 0.0 if agrees < 0 else g
        return size * float(np.sign(former))

    return descent(count, move, maximize=maximize)


def numpy_asgd(count: int, lr: float, lambd: float, alpha: float, t0: float, **rest: Any) -> list[float]:
    """The rate is kept as float32."""

    def move(t: int, g: float, p: float) -> float:
        rate = float(np.float32(lr / (1 + lambd * lr * (t - 1)) ** alpha if t > 1 else lr))
        return lambd * rate * p + rate * g

    return descent(count, move, **rest)


def numpy_adafactor(count: int, lr: float, beta2_decay: float, eps: tuple[float | None, float], d: float,
                    weight_decay: float, maximize: bool) -> list[float]:  # fmt: skip
    v = 0.0
    least = np.finfo(float).eps if eps[0] is None else eps[0]

    def move(t: int, g: float, p: float) -> float:
        nonlocal v
        v += t**beta2_decay * (g * g - v)
        u = g / max(math.sqrt(v), least)
        size = abs(p) / (1 - lr * weight_decay)  # before the decay
        return max(eps[1], size) * min(lr, t**-0.5) * u / max(1, abs(u) / d)

    return descent(count, move, maximize=maximize, shrink=lr * weight_decay)


def numpy_muon(count: int, lr: float, weight_decay: float, momentum: float, nesterov: bool,
               ns_coefficients: tuple[float, float, float], eps: float, ns_steps: int,
               adjust_lr_fn: str | None) -> list[float]:  # fmt: skip
    b = 0.0

    def move(_: int, g: float, __: float) -> float:
        nonlocal b
        b = momentum * b + (1 - momentum) * g
        u = momentum * b + (1 - momentum) * g if nesterov else b
        x = u / max(abs(u), eps)
        for _step in range(ns_steps):
            x = sum(share * x**power for share, power in zip(ns_coefficients, (1, 3, 5), strict=True))
        return lr * (0.2 if adjust_lr_fn == "match_rms_adamw" else 1) * x

    return descent(count, move, shrink=lr * weight_decay)


def numpy_lbfgs(count: int, lr: float, max_iter: int, max_eval: int | None, tolerance_grad: float,
                tolerance_change: float, **_: Any) -> list[float]:  # fmt: skip
    """Of p², whose curvature is known after one step."""
    p, inverse, found, most = 1.0, None, [], max_iter * 5 // 4 if max_eval is None else max_eval
    for _step in range(count):
        evaluations = 1
        for iteration in range(max_iter):
            if abs(2 * p) <= tolerance_grad:
                break
            length, scale = (lr, inverse) if inverse is not None else (min(1, 1 / abs(2 * p)) * lr, 1.0)
            inverse = 0.5
            d = -scale * 2 * p
            if 2 * p * d > -tolerance_change:
                break
            before, p = p, p + length * d
            evaluations += iteration + 1 < max_iter
            still = abs(length * d) <= tolerance_change or abs(p * p - before * before) < tolerance_change
            if evaluations >= most or still:
                break
        found.append(p)
    return found


FORMULAS: dict[Kind, Callable[..., list[float]]] = {
    optim.SGD: numpy_sgd, optim.Adam: numpy_adam, optim.AdamW: partial(numpy_adam, decoupled_weight_decay=True),
    optim.RMSprop: numpy_rmsprop, optim.Adagrad: numpy_adagrad, optim.Adadelta: numpy_adadelta,
    optim.Rprop: numpy_rprop, optim.ASGD: numpy_asgd, optim.Adafactor: numpy_adafactor, optim.Muon: numpy_muon,
    optim.LBFGS: numpy_lbfgs,
} | {kind: partial(numpy_moments, kind) for kind in (optim.Adamax, optim.NAdam, optim.RAdam)}  # fmt: skip


# A multiply-add rounds once: 1 − 0.99999995 keeps the digits that a product of its own would have lost.
ONCE = 2.0**-53


@pytest.mark.parametrize(
    "example",
    [each for each in EXAMPLES if each.kind in OPTIMIZERS and each.value != "strong_wolfe"],  # compared with PyTorch's
    ids=str,
)
def test_steps_are_those_of_the_formula(example: TrainingExample) -> None:
    ways = {"foreach", "fused", "capturable", "differentiable"}
    given = {name: each for name, each in example.setup.arguments.items() if name not in ways}
    np.testing.assert_allclose(example.setup.series(12), FORMULAS[example.kind](12, **given), rtol=1e-9, atol=ONCE)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_numbers_are_those_of_pytorch(torch: Any, example: TrainingExample) -> None:
    setup = example.setup
    if setup.recipe.arguments.get("last_epoch", -1) != -1:
        return  # the same schedule twice on one optimiser
    p = torch.tensor(start(example.kind), dtype=torch.float64, requires_grad=True)
    if setup.is_schedule:
        optimizer = torch.optim.SGD([p], **setup.optimizer.arguments)
        schedule = of_pytorch(torch, setup.recipe, optimizer)
        rates = []
        for epoch in range(PRINTED - 2):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step(*([watched(schedule.mode, epoch)] if example.kind is ReduceLROnPlateau else []))
        np.testing.assert_allclose(setup.series(PRINTED - 2), rates, rtol=1e-9, atol=1e-15)
    elif setup.arguments.get("fused") is None and not setup.arguments.get("capturable"):
        optimizer = getattr(torch.optim, example.kind.__name__)([p], **setup.recipe.arguments)
        found = []

        def closure() -> Any:
            optimizer.zero_grad()
            loss = (p * p).sum()
            loss.backward()
            return loss

        for _ in range(8):
            closure()
            optimizer.step(closure)
            found.append(p.item())
        # PyTorch's Muon is made of numbers of 8 bits, its ASGD(foreach=True) does not round rates to float32.
        rounded = {optim.Muon: 8 * setup.lr * 2**-5, optim.ASGD: 2**-24}.get(example.kind, ONCE)
        np.testing.assert_allclose(setup.series(8), found, rtol=1e-9, atol=rounded)


def of_pytorch(torch, recipe, owner):  # PyTorch may be missing
    """The same schedule of PyTorch."""
    parts = {
        name: [of_pytorch(torch, each, owner) if isinstance(each, Recipe) else each for each in given]
        if isinstance(given, tuple)
        else given
        for name, given in recipe.arguments.items()
    }
    return getattr(torch.optim.lr_scheduler, recipe.kind.__name__)(optimizer=owner, **parts)


# Those that somebody has


@pytest.mark.parametrize("example", [each for each in EXAMPLES if each.kind in SCHEDULES], ids=str)
def test_a_schedule_that_has_run_is_told_from_its_beginning(example: TrainingExample) -> None:
    if example.name == "last_epoch":
        return
    optimizer = optim.SGD([knoll.ones(1)], lr=0.1)
    schedule = example.setup.recipe.made(optimizer)
    for epoch in range(3):
        optimizer.step()
        schedule.step(*([watched(schedule.mode, epoch)] if isinstance(schedule, ReduceLROnPlateau) else []))
    before = (repr(schedule.state_dict()), repr(optimizer.param_groups[0]))
    found = schedule.explain()
    assert isinstance(found, TrainingExplanation)
    setup = example.setup
    if isinstance(schedule, ReduceLROnPlateau):
        setup = Setup(setup.recipe, setup.optimizer.with_value("lr", optimizer.param_groups[0]["lr"]))
    told = setup.series(len(found.series))
    np.testing.assert_allclose(found.series, told, rtol=1e-9)
    assert (repr(schedule.state_dict()), repr(optimizer.param_groups[0])) == before


def test_arguments_of_a_one_cycle_are_found_again() -> None:
    given = {"max_lr": 0.3, "total_steps": 70, "pct_start": 0.2, "div_factor": 7.0, "final_div_factor": 30.0}
    schedule = OneCycleLR(optim.Adam([knoll.ones(1)], lr=0.1), **given)
    recipe = recipe_of_schedule(schedule)
    assert {name: recipe.arguments[name] for name in given} == pytest.approx(given)
    assert (
        recipe.written == "OneCycleLR(max_lr=0.3, total_steps=70, pct_start=0.2, div_factor=7.0, final_div_factor=30.0)"
    )


def test_the_momentum_of_adam_is_its_first_beta() -> None:
    found = OneCycleLR(optim.Adam([knoll.ones(1)]), max_lr=0.1, total_steps=10).explain()
    momentums = [float(str(row[2])) for row in found.tables[0].rows]
    assert (max(momentums), min(momentums)) == (0.95, 0.85)


def test_an_optimiser_of_ones_own_has_its_schedule_explained() -> None:
    class Own(optim.SGD):
        pass

    found = lr_scheduler.StepLR(Own([knoll.ones(1)], lr=0.5), 2).explain()
    assert found.series[0] == 0.5


@pytest.mark.parametrize("kind", [lr_scheduler.LambdaLR, lr_scheduler.MultiplicativeLR])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_function_may_end(kind: type[lr_scheduler.LambdaLR], count: int) -> None:
    factors = [0.5] * count
    found = kind(optim.SGD([knoll.ones(1)], lr=0.1), lambda epoch: factors[epoch]).explain()
    assert len(found.series) == count
    assert found.written == f"{kind.__name__}(lr_lambda=lambda …)"
    assert "lambda" in found.program


def test_the_loop_calls_step_where_it_belongs() -> None:
    assert loop(plain(lr_scheduler.StepLR), "epoch").endswith("\n    scheduler.step()\n")
    assert loop(plain(OneCycleLR), "batch").endswith("\n        scheduler.step()\n")
    assert loop(plain(ReduceLROnPlateau), "epoch").endswith("\n    scheduler.step(test_loss)\n")


def test_a_long_training_is_gone_through_in_part() -> None:
    found = explained(Setup(Recipe(lr_scheduler.StepLR, {"step_size": 10**9})))
    assert len(found.series) == 10_000
    assert "first 10,000 are gone through" in " ".join(each.text("en") for each in found.introduction)


def test_the_curve_has_a_step_for_each_epoch() -> None:
    picture = explained(plain(lr_scheduler.StepLR)).picture()
    assert isinstance(picture, Picture)
    assert isinstance(picture.drawing, Scene)


def test_momentum_is_told_as_a_sum() -> None:
    note = optim.SGD([knoll.ones(1)], lr=0.1, momentum=0.9).explain().parameters[1]
    assert "1, 1.9, 2.71" in note.words[0].text("en")


def test_steps_are_told_in_a_table() -> None:
    rows = optim.SGD([knoll.ones(1)], lr=knoll.tensor(0.1, dtype="float64"), momentum=0.9).explain().tables[0].rows
    assert rows[0] == (1, "1", "2", "−0.2", "0.8")
    assert rows[1] == (2, "0.8", "1.6", "−0.34", "0.46")  # 0.1 · (0.9 · 2 + 1.6)


def test_a_schedule_is_told_with_the_optimizer_that_was_written() -> None:
    optimizer = optim.SGD([knoll.zeros(1)], lr=0.1, momentum=0.9)
    told = lr_scheduler.CyclicLR(optimizer, 0.01, 0.2, step_size_up=4).explain().text("en")
    assert "SGD(lr=0.1, momentum=0.9)" in told
