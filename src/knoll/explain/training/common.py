"""Words about arguments that several optimisers have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from knoll.explain.card import Said, said
from knoll.explain.parts import Option
from knoll.explain.training.card import Setting, TrainingCard
from knoll.explain.training.setup import Setup, Step
from knoll.explain.training.values import switched, tenfold
from knoll.explain.words.common import reference
from knoll.messages import Sentence, sentence

LENGTH = 20  # steps that are drawn
SHOWN = 5  # steps that stand in the table
SWITCHES = {  # what is said of a flag that is not set, and of one that is
    "nesterov": ("nesterov_no", "nesterov_yes"),
    "maximize": ("maximize_no", "maximize_yes"),
    "centered": ("centered_no", "centered_yes"),
    "amsgrad": ("amsgrad_no", "amsgrad_yes"),
    "decoupled_weight_decay": ("decoupled_weight_decay_no", "decoupled_weight_decay_yes"),
}
ADAMS = ("Adam", "AdamW", "Adamax", "NAdam")  # whose steps are about lr long
DIVIDED = ("Adam", "AdamW", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta")  # weight decay by a root, too
DECOUPLED = ("AdamW", "Adafactor", "Muon")  # weight decay is a step of its own

LR_WORDS = {
    "RMSprop": "lr_of_rmsprop",
    "Adagrad": "lr_of_adagrad",
    "Adadelta": "lr_of_adadelta",
    "RAdam": "lr_of_radam",
    "Rprop": "lr_of_rprop",
    "ASGD": "lr_of_asgd",
    "Adafactor": "lr_of_adafactor",
    "Muon": "lr_of_muon",
}


def page(kind: str) -> str:
    """PyTorch's page about an optimiser or a schedule."""
    return reference(kind, "optim")


def introduced(name: str) -> Callable[[Setup], tuple[Sentence, ...]]:
    """What an optimiser does."""
    return lambda _: (sentence(f"explain_optimizers.{name}"),)


def switch(name: str) -> Callable[[Setup], Said]:
    """What a flag means."""

    def words(setup: Setup) -> Said:
        return said(sentence(f"explain_optimizers.{SWITCHES[name][bool(setup.arguments[name])]}"))

    return words


Lines = Callable[[Setup, Step, Step | None], Iterator[str]]


def worked(lines: Lines) -> Callable[[Setup, int], tuple[str, ...]]:
    """One step of the formula; its last number, and what is remembered, are the optimiser's own."""

    def calculation(setup: Setup, number: int) -> tuple[str, ...]:
        steps = setup.steps(number)
        return tuple(lines(setup, steps[-1], steps[-2] if number > 1 else None))

    return calculation


def usual_traps(_: Setup) -> tuple[Sentence, ...]:
    """What goes wrong with any optimiser."""
    names = ("zero_grad_trap", "order_trap", "parameters_trap")
    return tuple(sentence(f"explain_optimizers.{name}") for name in names)


def optimizer_card(
    kind: str,
    introduction: Callable[[Setup], tuple[Sentence, ...]],
    lines: Lines,
    arguments: Mapping[str, Setting],
    example: Mapping[str, Option] = MappingProxyType({"lr": 0.1}),
    traps: Callable[[Setup], tuple[Sentence, ...]] = usual_traps,
) -> TrainingCard:
    """The card of an optimiser: `kind` names its class and its page, `lines` work out a step of it."""
    return TrainingCard(
        introduction=introduction,
        arguments=arguments,
        example=example,
        source=page(kind),
        length=lambda _: LENGTH,
        unit="step",
        worked=worked(lines),
        traps=traps,
    )


def lr(setup: Setup) -> Said:
    """The learning rate."""
    value = setup.arguments["lr"]
    if value == 0:
        return said(sentence("explain_optimizers.lr_zero"))
    kind = setup.recipe.kind.__name__
    name = "lr_of_adam" if kind in ADAMS else LR_WORDS.get(kind, "lr")
    return said(sentence(f"explain_optimizers.{name}", value=value))


def is_decoupled(setup: Setup) -> bool:
    """Whether weight decay is a step of its own."""
    return bool(setup.recipe.kind.__name__ in DECOUPLED or setup.arguments.get("decoupled_weight_decay", False))


def weight_decay(setup: Setup) -> Said:
    """How strongly parameters are pulled towards 0."""
    value = setup.arguments["weight_decay"]
    if not value:
        return said(sentence("explain_optimizers.weight_decay_none"))
    if is_decoupled(setup):
        share = setup.arguments["lr"] * value
        return said(sentence("explain_optimizers.weight_decay_decoupled", value=value, share=share))
    is_divided = setup.recipe.kind.__name__ in DIVIDED
    trap = sentence("explain_optimizers.weight_decay_trap") if is_divided else None
    return said(sentence("explain_optimizers.weight_decay", value=value), trap=trap)


def way(_: Setup) -> Said:
    """How PyTorch computes."""
    return said(sentence("explain_optimizers.way"))


def differentiable(_: Setup) -> Said:
    """Whether a step is recorded."""
    return said(sentence("explain_optimizers.differentiable"))


LR: Setting = Setting(lr, (0.01, 0.1, 0.5), others=tenfold("lr"))
WEIGHT_DECAY: Setting = Setting(weight_decay, (0.0, 0.1, 1.0), others=tenfold("weight_decay"))
MAXIMIZE: Setting = Setting(switch("maximize"), (False, True), others=switched("maximize"))
FOREACH: Setting = Setting(way, (None, False, True))
FUSED: Setting = Setting(way, (None, False, True))
CAPTURABLE: Setting = Setting(way, (False, True))
DIFFERENTIABLE: Setting = Setting(differentiable, (False,), is_all=True)
WAYS: Mapping[str, Setting] = {"foreach": FOREACH, "fused": FUSED, "differentiable": DIFFERENTIABLE}
