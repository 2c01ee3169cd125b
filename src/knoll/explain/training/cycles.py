"""Words about schedules that go up and down, batch by batch."""

from __future__ import annotations

import math

from knoll.explain.card import Said, said
from knoll.explain.numbers import short
from knoll.explain.parts import Option
from knoll.explain.training.calculation import digits
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.common import page
from knoll.explain.training.rates import LAST_EPOCH, at, step_traps, word
from knoll.explain.training.recipe import Function
from knoll.explain.training.setup import Setup
from knoll.explain.training.values import among, nearer, switched, tenfold, twofold
from knoll.messages import Sentence, sentence
from knoll.optim.lr_scheduler import OneCycleLR

MODES = ("triangular", "triangular2", "exp_range")
SCALES = (None, *map(Function, ("lambda x: 0.5 ** x", "lambda x: 1 / x")))


def top(setup: Setup) -> int:
    """The first batch in which the rate is highest."""
    if setup.recipe.kind is not OneCycleLR:
        return int(setup.arguments["step_size_up"])
    end = float(setup.arguments["pct_start"] * length_of_one_cycle(setup) - 1)
    near: set[int] = {min(max(batch, 0), length_of_one_cycle(setup) - 1) for batch in (math.floor(end), math.ceil(end))}
    return max(sorted(near), key=lambda batch: at(setup, batch)[0])


def base_lr(setup: Setup) -> Said:
    """The lowest rate."""
    value = setup.arguments["base_lr"]
    return said(sentence("explain_schedules.base_lr", value=value), trap=sentence("explain_schedules.overwritten"))


def max_lr(setup: Setup) -> Said:
    """The highest rate."""
    value = setup.arguments["max_lr"]
    if setup.recipe.kind is not OneCycleLR:
        return said(sentence("explain_schedules.max_lr_of_cycles", value=value))
    words = sentence("explain_schedules.max_lr", value=value, batch=top(setup))
    return said(words, trap=sentence("explain_schedules.overwritten"))


def step_size_up(setup: Setup) -> Said:
    """How long it rises."""
    count = setup.arguments["step_size_up"]
    return said(sentence("explain_schedules.step_size_up", count=count, rate=at(setup, count)[0]))


def step_size_down(setup: Setup) -> Said:
    """How long it falls."""
    given, up = setup.arguments["step_size_down"], setup.arguments["step_size_up"]
    down = up if given is None else given
    name = "step_size_down_none" if given is None else "step_size_down"
    words = sentence(f"explain_schedules.{name}", count=down)
    return said(words, sentence("explain_schedules.cycle", total=up + down, rate=at(setup, up + down)[0]))


def mode(setup: Setup) -> Said:
    """How the height of the cycles changes."""
    own = setup.arguments
    if own["scale_fn"] is not None:
        return said(sentence("explain_schedules.mode_unused"))
    cycle = own["step_size_up"] + (own["step_size_down"] or own["step_size_up"])
    tops = tuple(map(short, at(setup, *(cycle * number + own["step_size_up"] for number in range(3)))))
    return said(sentence(f"explain_schedules.mode_{own['mode']}"), sentence("explain_schedules.tops", rates=tops))


def gamma(setup: Setup) -> Said:
    """How fast the height falls."""
    own = setup.arguments
    if own["mode"] != "exp_range" or own["scale_fn"] is not None:
        return said(sentence("explain_schedules.gamma_unused"))
    return said(sentence("explain_schedules.gamma_of_cycles", value=own["gamma"]))


def scale_fn(setup: Setup) -> Said:
    """A height of one's own."""
    function = setup.arguments["scale_fn"]
    if function is None:
        return said(sentence("explain_schedules.scale_fn_none"))
    values = tuple(short(float(function(number))) for number in (1, 2, 3))
    return said(sentence("explain_schedules.scale_fn", values=values))


def scale_mode(setup: Setup) -> Said:
    """What the function of the height is given."""
    if setup.arguments["scale_fn"] is None:
        return said(sentence("explain_schedules.scale_mode_unused"))
    return said(sentence(f"explain_schedules.scale_mode_{setup.arguments['scale_mode']}"))


def cycle_momentum(setup: Setup) -> Said:
    """Whether the momentum moves, too."""
    if not setup.arguments["cycle_momentum"]:
        return said(sentence("explain_schedules.cycle_momentum_no"))
    first, lowest = (setup.moment(batch).momentum for batch in (0, top(setup)))
    words = sentence("explain_schedules.cycle_momentum_yes", first=first, lowest=lowest)
    return said(words, trap=sentence("explain_schedules.cycle_momentum_trap"))


def bound_of_momentum(name: str) -> Setting:
    """One end of the momentum."""
    values = (0.5, 0.8, 0.85) if name == "base_momentum" else (0.9, 0.95, 0.99)

    def words(setup: Setup) -> Said:
        if not setup.arguments["cycle_momentum"]:
            return said(sentence("explain_schedules.momentum_unused"))
        return said(sentence(f"explain_schedules.{name}", value=setup.arguments[name]))

    return Setting(words, values, others=lambda _: ())


def total_steps(setup: Setup) -> Said:
    """How many batches there are."""
    own = setup.arguments
    if own["total_steps"] is None:
        total = own["epochs"] * own["steps_per_epoch"]
        return said(sentence("explain_schedules.total_steps_none", total=total))
    words = sentence("explain_schedules.total_steps", total=own["total_steps"])
    return said(words, trap=sentence("explain_schedules.total_steps_trap"))


def product(setup: Setup) -> Said:
    """The other way to say how many batches there are."""
    own = setup.arguments
    if own["total_steps"] is not None:
        return said(sentence("explain_schedules.product_unused"))
    values = {name: own[name] for name in ("epochs", "steps_per_epoch")}
    return said(sentence("explain_schedules.product", total=own["epochs"] * own["steps_per_epoch"], **values))


def pct_start(setup: Setup) -> Said:
    """Which share of the batches the rise takes."""
    value, total = setup.arguments["pct_start"], length_of_one_cycle(setup)
    return said(sentence("explain_schedules.pct_start", share=value, batches=value * total, total=total))


def anneal_strategy(setup: Setup) -> Said:
    """Along which curve it goes."""
    return said(sentence(f"explain_schedules.anneal_{setup.arguments['anneal_strategy']}"))


def div_factor(setup: Setup) -> Said:
    """How low it begins."""
    own = setup.arguments
    first = at(setup, 0)[0]
    return said(sentence("explain_schedules.div_factor", top=own["max_lr"], value=own["div_factor"], first=first))


def final_div_factor(setup: Setup) -> Said:
    """How low it ends."""
    own, total = setup.arguments, length_of_one_cycle(setup)
    values = {"first": own["max_lr"] / own["div_factor"], "last": at(setup, total - 1)[0]}
    return said(sentence("explain_schedules.final_div_factor", value=own["final_div_factor"], **values))


def three_phase(setup: Setup) -> Said:
    """Two phases or three."""
    name = "three_phase_yes" if setup.arguments["three_phase"] else "three_phase_no"
    return said(sentence(f"explain_schedules.{name}"))


def length(setup: Setup) -> int:
    """All batches of one cycle; of cycles that come again, two."""
    if setup.recipe.kind is OneCycleLR:
        return length_of_one_cycle(setup)
    up, down = setup.arguments["step_size_up"], setup.arguments["step_size_down"]
    return int(2 * (up + (up if down is None else down)) + 1)


def length_of_one_cycle(setup: Setup) -> int:
    """All batches."""
    own = setup.arguments
    return int(own["total_steps"] or own["epochs"] * own["steps_per_epoch"])


def worked_cyclic(setup: Setup, batch: int) -> tuple[str, ...]:
    """The rate of a batch."""
    own = setup.arguments
    up = own["step_size_up"]
    total = up + (own["step_size_down"] or up)
    inside = batch % total
    height = f"{inside} / {up}" if inside <= up else f"({total} − {inside}) / {total - up}"
    low, high, scale = own["base_lr"], own["max_lr"], _scale(setup, batch, batch // total + 1)
    return (
        "lr(batch) = base_lr + (max_lr − base_lr) · height · scale",
        f"lr({batch}) = {digits(low)} + ({digits(high)} − {digits(low)}) · {height} · {digits(scale)}",
        f"= {digits(at(setup, batch)[0])}",
    )


def _scale(setup: Setup, batch: int, cycle: int) -> float:
    """The height of a cycle as a share of the full one, as the schedule says it."""
    own = setup.arguments
    if own["scale_fn"] is not None:
        return float(own["scale_fn"](cycle if own["scale_mode"] == "cycle" else batch))
    scales = {"triangular": 1.0, "triangular2": 0.5 ** (cycle - 1), "exp_range": own["gamma"] ** batch}
    return float(scales[own["mode"]])


def worked_one_cycle(setup: Setup, batch: int) -> tuple[str, ...]:
    """The rate of a batch in its phase."""
    own, total = setup.arguments, length_of_one_cycle(setup)
    first = own["max_lr"] / own["div_factor"]
    ends, rates = [own["pct_start"] * total - 1, total - 1.0], [first, own["max_lr"], first / own["final_div_factor"]]
    if own["three_phase"]:
        ends.insert(1, 2 * own["pct_start"] * total - 2)
        rates.insert(2, first)
    phase = next((number for number, end in enumerate(ends) if batch <= end), len(ends) - 1)
    begin = ends[phase - 1] if phase else 0.0
    share = (batch - begin) / (ends[phase] - begin) if ends[phase] != begin else 1.0
    start, end = rates[phase : phase + 2]
    return _annealed(
        setup, batch, (start, end), share, f"({batch} − {digits(begin)}) / ({digits(ends[phase])} − {digits(begin)})"
    )


def _annealed(setup: Setup, batch: int, ends: tuple[float, float], share: float, how: str) -> tuple[str, ...]:
    start, end = map(short, ends)
    if setup.arguments["anneal_strategy"] == "linear":
        formula = "lr(batch) = start + (end − start) · share"
        numbers = f"{start} + ({end} − {start}) · {digits(share)}"
    else:
        formula = "lr(batch) = end + (start − end) · (1 + cos(π · share)) / 2"
        numbers = f"{end} + ({start} − {end}) · (1 + cos(π · {digits(share)})) / 2"
    return (formula, f"share = {how} = {digits(share)}", f"lr({batch}) = {numbers}", f"= {digits(at(setup, batch)[0])}")


def one_cycle_traps(setup: Setup) -> tuple[Sentence, ...]:
    """What goes wrong with it."""
    total = length_of_one_cycle(setup)
    return (
        *step_traps("batches_trap")(setup),
        sentence("explain_schedules.one_cycle_trap", total=total, call=total + 1),
    )


def other_down(setup: Setup) -> tuple[Option, ...]:
    """Half and twice as long as the rise."""
    up = setup.arguments["step_size_up"]
    return tuple(each for each in (max(up // 2, 1), 2 * up) if each != setup.arguments["step_size_down"])


def other_total(setup: Setup) -> tuple[Option, ...]:
    """Half as many and twice as many batches."""
    return twofold("total_steps")(setup) if setup.arguments["total_steps"] else ()


def other_share(setup: Setup) -> tuple[Option, ...]:
    """A shorter rise and a longer one."""
    return among("pct_start", 0.1, 0.3, 0.5)(setup)


CYCLE_MOMENTUM: Setting = Setting(cycle_momentum, (True, False), others=lambda _: ())

CYCLIC_LR: TrainingCard = TrainingCard(
    introduction=word("cyclic_lr"),
    arguments={
        "base_lr": Setting(base_lr, (0.01, 0.05, 0.1), others=tenfold("base_lr")),
        "max_lr": Setting(max_lr, (0.1, 0.5, 1.0), others=tenfold("max_lr")),
        "step_size_up": Setting(step_size_up, (2, 3, 4), others=twofold("step_size_up")),
        "step_size_down": Setting(step_size_down, (None, 2, 6), others=other_down),
        "mode": Setting(mode, MODES, {"gamma": 0.9}, others=among("mode", *MODES), is_all=True),
        "gamma": Setting(gamma, (0.5, 0.9, 1.0), {"mode": "exp_range"}, others=nearer("gamma")),
        "scale_fn": Setting(scale_fn, SCALES, others=lambda _: ()),
        "scale_mode": Setting(
            scale_mode, ("cycle", "iterations"), {"scale_fn": SCALES[1]}, others=lambda _: (), is_all=True
        ),
        "cycle_momentum": CYCLE_MOMENTUM,
        "base_momentum": bound_of_momentum("base_momentum"),
        "max_momentum": bound_of_momentum("max_momentum"),
        "last_epoch": LAST_EPOCH,
    },
    example={"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 3},
    source=page("lr_scheduler.CyclicLR"),
    length=length,
    unit="batch",
    worked=worked_cyclic,
    traps=step_traps("batches_trap"),
)
ONE_CYCLE_LR: TrainingCard = TrainingCard(
    introduction=word("one_cycle_lr"),
    arguments={
        "max_lr": Setting(max_lr, (0.1, 0.5, 1.0), others=tenfold("max_lr")),
        "total_steps": Setting(total_steps, (8, 10, 20), others=other_total),
        "epochs": Setting(product, (2, 3, 5), {"total_steps": None, "steps_per_epoch": 4}, others=lambda _: ()),
        "steps_per_epoch": Setting(product, (2, 4, 5), {"total_steps": None, "epochs": 3}, others=lambda _: ()),
        "pct_start": Setting(pct_start, (0.2, 0.3, 0.5), others=other_share),
        "anneal_strategy": Setting(
            anneal_strategy, ("cos", "linear"), others=among("anneal_strategy", "cos", "linear"), is_all=True
        ),
        "cycle_momentum": CYCLE_MOMENTUM,
        "base_momentum": bound_of_momentum("base_momentum"),
        "max_momentum": bound_of_momentum("max_momentum"),
        "div_factor": Setting(div_factor, (5.0, 10.0, 25.0), others=tenfold("div_factor")),
        "final_div_factor": Setting(final_div_factor, (10.0, 100.0, 1e4), others=tenfold("final_div_factor")),
        "three_phase": Setting(three_phase, (False, True), others=switched("three_phase")),
        "last_epoch": LAST_EPOCH,
    },
    example={"max_lr": 0.1, "total_steps": 10},
    source=page("lr_scheduler.OneCycleLR"),
    length=length,
    unit="batch",
    worked=worked_one_cycle,
    traps=one_cycle_traps,
)
