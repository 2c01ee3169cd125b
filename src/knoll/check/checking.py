"""`check`: what is wrong with a network, found before it sees any data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from knoll.analysis.inputs import checked_inputs
from knoll.analysis.layers import acts_by_mode
from knoll.analysis.trace import check_channels, users_place
from knoll.check.evidence import Evidence, Site, Values, finding, site
from knoll.check.finding import Finding, Severity
from knoll.check.flow import Flow
from knoll.check.inputs import look_at_numbers
from knoll.check.loss_names import NAMES, loss_name
from knoll.check.passes import Given, Pass, given, regrouped, rows_of, run, squeezed
from knoll.check.report import CheckReport
from knoll.check.rules import RULES
from knoll.check.samples import Samples, check_count, samples_of
from knoll.check.silence import is_silenced, rules_named
from knoll.errors import ArgumentError, KnollError
from knoll.messages import say, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input, Loss
from knoll.nn.made_at import Place, made_at, note_as
from knoll.nn.uninitialized import is_lazy
from knoll.tensor import Tensor

Mode = Literal["train", "eval"]

_OWN = str(Path(__file__).parent)
_ORDER: dict[Severity, int] = {"error": 0, "warning": 1}


def check(
    module: Module,
    *inputs: Input,
    loss: Loss | None = None,
    batch_size: int | None = None,
    classes: int | None = None,
    data: Any = None,
    mode: Mode | None = None,
    ignore: Iterable[str] = (),
) -> CheckReport:
    """Look at a network before any data: shapes and element types through it, and what is surely not meant.

    It is traced in training and in evaluation mode and for two numbers of samples; nothing is computed, and the
    network stays as it is.

    - `inputs`: shapes of one sample (c, h, w) or of a batch (n, c, h, w), or arrays and tensors, whose range is looked
      at too. Without them the first sample of `data` is taken.
    - `loss`: the loss that the network is trained with: an object, a function or its name.
    - `batch_size`, `classes`: as the training will have them.
    - `data`: a DataLoader, a data set, or how many samples there are: the last batch may be a smaller one.
    - `mode`: what the network is about to do, "train" or "eval".
    - `ignore`: names of rules that are not told. `# knoll: ignore[rule]` on a line silences one finding.

    Raises ArgumentError.

    >>> from knoll import nn
    >>> from knoll.check import check
    >>> report = check(nn.Sequential(nn.Flatten(), nn.Linear(3072, 64), nn.Linear(64, 10)), (3, 32, 32))
    >>> [finding.rule for finding in report.findings]
    ['missing-activation']
    """
    module = _with_sizes(module)
    ignored = rules_named(ignore)
    for name, count in (("batch_size", batch_size), ("classes", classes)):
        check_count(name, count)
    samples = samples_of(data, batch_size)
    values = tuple(map(_array, inputs)) or samples.first
    if not values:
        raise ArgumentError(say("analysis.no_shape"), expected=say("analysis.shapes"))
    values = tuple(checked_inputs(values, module))
    passes = _Passes(module, values, samples)
    given_loss, loss = loss, loss_name(loss)
    evidence = passes.evidence(loss, classes, trains=mode == "train" or (mode is None and loss is not None))
    found = [
        *look_at_numbers(module, values, passes.inputs, evidence.evaluation),
        *_sample(module, values, samples),
        *passes.failures(),
        *_mode(module, mode),
        *samples.look(evidence, given_loss),
    ]
    for rule in RULES:
        found += rule(evidence)
    told = sorted(dict.fromkeys(found), key=lambda each: _ORDER[each.severity])
    here = users_place()  # every module of a network that stands in a package is called from here
    told = [_of_the_user(each, here) for each in told]
    kept = tuple(each for each in told if not is_silenced(each, ignored))
    rows, silenced = rows_of(passes.evaluation), len(told) - len(kept)
    return CheckReport(passes.title, passes.shapes, rows, kept, silenced, loss if loss in NAMES else None)


def _sample(module: Module, values: tuple[Any, ...], samples: Samples) -> Iterator[Finding]:
    """The first sample of the data, where the network is looked at with a shape: its numbers, and whether it fits."""
    first = samples.first if samples.are_as_given else ()
    if len(first) != len(values) or any(isinstance(value, (np.ndarray, Tensor)) for value in values):
        return
    told, got = ([given(each, module).sample for each in those] for those in (values, first))
    if told == got:
        seen, taken = _first(module, first, samples.batch_size)
        yield from look_at_numbers(module, first, taken, seen.flow)
    else:
        words = "channels_of_data_last" if got == [(*told[0][1:], told[0][0])] else "shape_of_data"
        shapes: Values = {"given": ", ".join(map(str, told)), "data": ", ".join(map(str, got))}
        yield finding("input_shape", "warning", Site(""), words, values=shapes)


def _array(value: Any) -> Any:
    """A picture as its numbers; anything else as it is."""
    is_known = isinstance(value, (np.ndarray, np.generic, Tensor)) or not hasattr(value, "__array_interface__")
    return value if is_known else np.asarray(value)


def _with_sizes(module: Module) -> Module:
    """The network; a copy of one whose sizes are still open, as the first pass would settle them."""
    if not any(is_lazy(parameter) for parameter in (*module.parameters(), *module.buffers())):
        return module
    copy = deepcopy(module)
    for one, other in zip(module.modules(), copy.modules(), strict=True):
        note_as(other, one)
    return copy


def _of_the_user(found: Finding, here: Place | None) -> Finding:
    """The finding without places that are not the user's: the call of the check, and the code that made the network."""
    made, called = found.made, found.called
    is_own = made is not None and made.file.startswith((_OWN, "<"))
    return replace(found, made=None if is_own else made, called=None if called == here else called)


class _Passes:
    """The passes of one check: in both modes, and with another number of samples."""

    def __init__(self, module: Module, values: tuple[Any, ...], samples: Samples) -> None:
        self.module = module
        self.title = type(module).__name__
        self.last = samples.last
        self.evaluation, self.inputs = _first(module, values, samples.batch_size)
        count = self.evaluation.samples
        self.training = run(module, self.inputs, max(count, 2), training=True)
        self.other = run(module, self.inputs, samples.another(count), training=False)
        self.alone = run(module, self.inputs, 1, training=False)

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the inputs, with their samples."""
        return tuple((self.evaluation.samples, *each.sample) for each in self.inputs)

    def evidence(self, loss: str | None, classes: int | None, trains: bool) -> Evidence:
        """What rules look at."""
        return Evidence(self.module, self.evaluation.flow, self.training.flow, self.other.flow, loss, classes, trains)

    def failures(self) -> Iterator[Finding]:
        """What stopped a pass, each reason once."""
        if self.evaluation.trace.error is not None:
            here_only = self.training.trace.error is None
            yield _failure("forward_fails", self.evaluation, "fails_in_evaluation" if here_only else "")
            return
        if self.evaluation.gives_nothing:
            at = Site("", made_at(self.module), forward_place(self.module))
            kind = self.evaluation.trace.returned
            words = "" if kind == "NoneType" else "returns_no_tensor"
            yield finding("returns_nothing", "error", at, words, code="return x", values={"kind": kind})
        if self.training.trace.error is not None:
            yield _failure("fails_in_training", self.training)
        if self.other.trace.error is not None:
            yield _failure("fixed_batch_size", self.other, samples=self.evaluation.samples, other=self.other.samples)
        yield from self._one_sample()
        yield from self._axis_of_one()

    def _one_sample(self) -> Iterator[Finding]:
        """What stops the training of a batch of one, if there will surely be one."""
        is_given = any(each.samples == 1 and each.numbers is None for each in self.inputs)
        if (self.last == 1 or is_given) and self.training.trace.error is None:
            alone = run(self.module, self.inputs, 1, training=True)
            if alone.trace.error is not None and (self.last == 1 or alone.needs_two_samples):
                words = "last_batch_of_one" if self.last == 1 else "batch_of_one"
                yield _failure("batch_of_one", alone, words, code="DataLoader(…, drop_last=True)")

    def _axis_of_one(self) -> Iterator[Finding]:
        """A `squeeze` that drops the axis of the samples where there is one sample."""
        many, alone = next((p for p in (self.evaluation, self.other) if p.samples > 1), self.other), self.alone
        step = squeezed(alone, many) if many.trace.error is None else None
        if step is None:
            return
        at = site(Flow(alone.trace), step)
        values: Values = {"before": str(step.node.inputs[0].spec.shape), "after": str(step.node.specs[0].shape)}
        severity: Severity = "error" if 1 in (self.last, self.evaluation.samples) else "warning"
        if alone.trace.error is not None:
            values["reason"] = alone.reason
            yield finding("batch_of_one", severity, at, "axis_of_one_fails", code="x.flatten(1)", values=values)
        elif [v.spec.rank for v in alone.trace.outputs] < [v.spec.rank for v in many.trace.outputs]:
            values["shape"] = str(alone.trace.outputs[0].spec.shape)
            yield finding("batch_of_one", severity, at, "axis_of_one", code="x.flatten(1)", values=values)


def _first(module: Module, values: tuple[Any, ...], batch_size: int | None) -> tuple[Pass, list[Given]]:
    """The pass in evaluation mode. Two numbers are the shape of a sample, or of a batch if only that fits.

    Numbers of another type than the weights go in as they are, if the network converts them itself.
    """
    raw = [given(value, module, as_it_is=True) for value in values]
    inputs = [given(value, module) for value in values]
    if any(one.dtype != other.dtype for one, other in zip(raw, inputs, strict=True)):
        as_they_are = run(module, raw, _samples(raw, batch_size), training=False)
        if as_they_are.trace.error is None:
            return as_they_are, raw
    first = run(module, inputs, _samples(inputs, batch_size), training=False)
    if first.trace.error is not None and any(len(each.sample) == 2 and each.samples is None for each in inputs):
        batches = [given(value, module, is_batch=True) for value in values]
        second = run(module, batches, _samples(batches, batch_size), training=False)
        if second.trace.error is None:
            return second, batches
        check_channels(module, values)
    return first, inputs


def _samples(inputs: list[Given], batch_size: int | None) -> int:
    counts = [each.samples for each in inputs if each.samples]
    return batch_size or (counts[0] if counts else 2)


def _failure(rule: str, stopped: Pass, words: str = "", code: str = "", **values: int) -> Finding:
    error = stopped.trace.error
    advice = error.advice if isinstance(error, KnollError) else None
    at, step = stopped.site, regrouped(stopped)
    if step is not None:
        before, after = step.node.inputs[0].spec.shape, step.node.specs[0].shape
        at, advice = site(Flow(stopped.trace), step), say("check.keep_samples", before=str(before), after=str(after))
    found = finding(rule, "error", at, words, fixable=False, code=code, values={"reason": stopped.reason, **values})
    return found.fixed(sentence("check.fix_as_told", advice=str(advice))) if advice else found


def _mode(module: Module, mode: Mode | None) -> Iterator[Finding]:
    """Whether layers that differ between the modes are in the one that the network is about to need."""
    if mode not in (None, "train", "eval"):
        raise ArgumentError(say("check.no_mode", mode=mode))
    moody = [each for each in module.modules() if acts_by_mode(each)]
    if mode is None or not moody:
        return
    wrong = [each for each in moody if each.training is (mode == "eval")]
    if (mode == "eval" and wrong) or len(wrong) == len(moody):
        names = list(dict.fromkeys(type(each).__name__ for each in wrong))
        words = "mode_eval" if mode == "eval" else "mode_train"
        yield finding(
            "wrong_mode", "error", Site("", made_at(module)), words, code=f"net.{mode}()", values={"names": names}
        )


def forward_place(module: Module) -> Place | None:
    """Where the network's own `forward` is written."""
    code = getattr(type(module).forward, "__code__", None)
    return Place(code.co_filename, code.co_firstlineno) if code is not None else None
