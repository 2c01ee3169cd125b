"""What rules look at: the network, and its passes in both modes and for two sizes of batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from knoll.analysis import Step
from knoll.check.finding import RULE_NAMES, Finding, Severity
from knoll.check.flow import Flow
from knoll.messages import placeholders, sentence
from knoll.messages.sentences import Given
from knoll.nn import Module
from knoll.nn.made_at import Place, made_at

Values = dict[str, Given]
_NONE: Mapping[str, Given] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Site:
    """What a finding is about: the dotted name of a module, and the lines that made and called it."""

    name: str
    made: Place | None = None
    called: Place | None = None


@dataclass(frozen=True, eq=False)
class Evidence:
    """A network and its passes: one in evaluation mode, one in training mode, one with another number of samples.

    A pass that failed is None. `loss` is the name of the loss class, `classes` how many classes there are; `trains`
    says whether the network is surely about to be trained.
    """

    module: Module
    evaluation: Flow | None
    training: Flow | None
    other: Flow | None
    loss: str | None = None
    classes: int | None = None
    trains: bool = False

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """The passes in evaluation and in training mode that came to their end."""
        return tuple(flow for flow in (self.evaluation, self.training) if flow is not None)

    @property
    def may_train(self) -> bool:
        """Whether the network trains for all that is known: nobody put it into evaluation mode."""
        return self.trains or self.module.training

    @cached_property
    def names(self) -> dict[Module, str]:
        """The dotted name of each module."""
        return {module: name for name, module in self.module.named_modules()}

    def site_of(self, module: Module) -> Site:
        """Where a module was made."""
        return Site(self.names.get(module, ""), made_at(module))

    def asks_for_numbers(self) -> bool:
        """Whether a pass asked for numbers, so that another input may take another way."""
        return any(flow.trace.computed for flow in self.flows)


def site(flow: Flow, step: Step) -> Site:
    """Where a step was made and called."""
    layer = flow.layer(step)
    return Site(flow.call(step).name, made_at(layer) if layer is not None else None, step.place)


def finding(
    rule: str,
    severity: Severity,
    at: Site,
    words: str = "",
    *,
    fixable: bool = True,
    code: str = "",
    values: Mapping[str, Given] = _NONE,
) -> Finding:
    """A finding of a rule, in the words of the catalogue: `what_…`, `why_…` and, if it is fixable, `fix_…`."""
    words, name = words or rule, rule.replace("_", "-")
    assert name in RULE_NAMES, name

    what = sentence(f"check.what_{words}", **_placeholders(f"check.what_{words}", values))
    why = sentence(f"check.why_{words}", **_placeholders(f"check.why_{words}", values))
    fix = sentence(f"check.fix_{words}", **_placeholders(f"check.fix_{words}", values)) if fixable else None
    return Finding(name, severity, at.name, what, why, fix, code, at.made, at.called)


def _placeholders(identifier: str, values: Mapping[str, Given]) -> dict[str, Given]:
    """The values that an entry of the catalogue has placeholders for."""
    return {name: values[name] for name in placeholders(identifier)}
