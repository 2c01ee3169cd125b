"""What a training doctor tells of the steps that it watched. Each symptom is sure; limits stand at its name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from knoll.analysis.layers import acts_by_mode
from knoll.check.evidence import Site, Values, finding
from knoll.check.finding import Finding, Severity
from knoll.check.flow import Flow
from knoll.check.labels import are_sorted
from knoll.check.loss_names import loss_name
from knoll.check.numbers import numbers_of, traced
from knoll.check.watch import StepSeen, Watch
from knoll.graph import Array
from knoll.nn.made_at import made_at

MUCH_WORSE = 2.0  # than guessing: the first loss against ln(classes)
MANY = 0.5  # of the units of a layer
FEWEST = 8  # units or samples to speak of shares of them
FADED = 1e-6  # the first layer's gradient against the largest, each in proportion to its weights
OVERSHOT = 1.0  # a step as large as the weights
STANDSTILL = 1e-8  # of the weights, in each step


def optimizer_elsewhere(watch: Watch) -> Iterator[Finding]:
    """An optimiser that holds none of the network's parameters, or not all that want gradients."""
    held = {id(p) for group in watch.optimizer.param_groups for p in group["params"]}
    wanted = {name: p for name, p in watch.net.named_parameters() if p.requires_grad}
    missing = [name for name, p in wanted.items() if id(p) not in held]
    if missing:
        words = "optimizer_elsewhere" if len(missing) == len(wanted) else "optimizer_incomplete"
        code = f"optim.{type(watch.optimizer).__name__}(net.parameters(), …)"
        values: Values = {"names": missing[:6], "count": len(missing), "all": len(wanted)}
        severity: Severity = "error" if len(missing) == len(wanted) else "warning"
        yield finding("optimizer", severity, Site(missing[0]), words, code=code, values=values)


def no_step(watch: Watch) -> Iterator[Finding]:
    """Gradients that were computed again and again, and an optimiser that never took a step."""
    if not watch.steps and watch.unused_gradients > 1:
        values: Values = {"count": watch.unused_gradients}
        yield finding("optimizer", "error", Site(""), "no_step", code="optimizer.step()", values=values)


def not_shuffled(watch: Watch) -> Iterator[Finding]:
    """Batches that come in the order of their classes."""
    labels = np.concatenate(watch.labels) if watch.labels else None
    if labels is not None and len(watch.labels) > 1 and are_sorted(labels):
        values: Values = {"first": int(labels[0]), "last": int(labels[-1]), "count": labels.size}
        yield finding("not_shuffled", "warning", Site(""), code="DataLoader(…, shuffle=True)", values=values)


def evaluation_mode(watch: Watch) -> Iterator[Finding]:
    """A network that is trained in evaluation mode, though it has layers that then act differently."""
    kinds = [type(module).__name__ for module in watch.net.modules() if acts_by_mode(module)]
    if watch.steps and not watch.in_training and kinds:
        values: Values = {"names": list(dict.fromkeys(kinds))}
        at = Site("", made_at(watch.net))
        yield finding("wrong_mode", "error", at, "mode_train", code="net.train()", values=values)


def first_loss(watch: Watch) -> Iterator[Finding]:
    """A first loss far above that of a guess."""
    first = watch.steps[0].loss if watch.steps else None
    scores = watch.scores
    if first is None or scores is None or scores.ndim < 2 or loss_name(watch.loss) != "CrossEntropyLoss":
        return
    guess = math.log(max(scores.shape[1], 2))
    if math.isfinite(first) and first > MUCH_WORSE * guess + 1 and getattr(watch.loss, "reduction", "mean") == "mean":
        values: Values = {
            "loss": first,
            "guess": guess,
            "classes": scores.shape[1],
            "size": float(np.abs(scores).max()),
        }
        yield finding("first_loss", "warning", Site(""), values=values)


def not_finite(watch: Watch) -> Iterator[Finding]:
    """NaN or infinite numbers: the layer where they begin, and the step."""
    for number, step in enumerate(watch.steps, 1):
        bad = [name for name, size in step.gradients.items() if size is not None and not math.isfinite(size)]
        loss_is_bad = step.loss is not None and not math.isfinite(step.loss)
        if loss_is_bad or bad:
            values: Values = {"step": number, "names": bad[:6] or ["–"], "layer": watch.first_broken or "–"}
            words = "not_finite_loss" if loss_is_bad else "not_finite_gradient"
            words = "not_finite_input" if watch.input_is_broken else words
            yield finding("not_finite", "error", Site(bad[0] if bad else ""), words, values=values)
            return


def no_gradient(watch: Watch) -> Iterator[Finding]:
    """Parameters that no gradient reaches, in any step."""
    wanted = [name for name, p in watch.net.named_parameters() if p.requires_grad]
    if not watch.steps or not wanted:
        return
    none = [name for name in wanted if all(step.gradients.get(name) is None for step in watch.steps)]
    zero = [name for name in wanted if all(step.gradients.get(name) == 0 for step in watch.steps)]
    if len(none) == len(wanted) and watch.unused_gradients:
        yield finding("no_gradient", "error", Site(""), "gradients_thrown_away", values={"steps": len(watch.steps)})
    elif len(none) == len(wanted):
        yield finding("no_gradient", "error", Site(""), "no_backward", code="loss.backward()")
    elif none:
        values: Values = {"names": none[:6], "count": len(none)}
        yield finding("no_gradient", "warning", Site(none[0]), values=values)
    elif zero and len(watch.steps) > 1 and not _are_silenced_biases(watch, zero):
        values = {"names": zero[:6], "count": len(zero)}
        yield finding("no_gradient", "warning", Site(zero[0]), "zero_gradient", values=values)


def _are_silenced_biases(watch: Watch, names: list[str]) -> bool:
    """Whether all are single numbers for each channel: a bias that is subtracted again is another rule's."""
    sizes = dict(watch.net.named_parameters())
    return all(sizes[name].ndim < 2 for name in names)


def gradients_add_up(watch: Watch) -> Iterator[Finding]:
    """Gradients that nobody set to zero between two steps."""
    if len(watch.steps) > 1 and not any(step.zeroed for step in watch.steps[1:]) and _kept_gradients(watch):
        yield finding(
            "gradients_add_up", "error", Site(""), code="optimizer.zero_grad()", values={"count": len(watch.steps)}
        )


def _kept_gradients(watch: Watch) -> bool:
    """Whether the gradients of the last step are still there: nobody has set them to None by hand."""
    return any(p.grad is not None for p in watch.net.parameters())


def fading_gradients(watch: Watch) -> Iterator[Finding]:
    """Gradients that hardly reach the first layer, or are far larger than the weights."""
    matrices = [name for name, p in watch.net.named_parameters() if p.ndim > 1]
    if len(watch.steps) < 2 or len(matrices) < 2:
        return
    ratios = {
        name: max(_ratio(step.gradients.get(name), step.weights[name]) for step in watch.steps) for name in matrices
    }
    largest = max(ratios.values())
    first = ratios[matrices[0]]
    if 0 < first < FADED * largest:
        values: Values = {
            "first": matrices[0],
            "last": max(ratios, key=lambda name: ratios[name]),
            "share": first / largest,
        }
        yield finding("fading_gradients", "warning", Site(matrices[0]), values=values)


def _ratio(size: float | None, weight: float) -> float:
    return size / weight if size is not None and math.isfinite(size) and weight > 0 else 0.0


def step_size(watch: Watch) -> Iterator[Finding]:
    """Steps that change nothing, hardly anything, or as much as there is."""
    steps = [step for step in watch.steps if any(step.gradients.values()) and _is_finite(step)]
    if not steps:
        return
    matrices = {name for name, p in watch.net.named_parameters() if p.ndim > 1 and p.requires_grad}
    shares = [
        (_ratio(step.changes[name], step.weights[name]), name)
        for step in steps
        for name in matrices & step.changes.keys()
    ]
    rate = float(watch.optimizer.param_groups[0].get("lr", math.nan))
    if not any(size for step in steps for size in step.changes.values()):
        words = "rate_is_zero" if rate == 0 else "weights_stand_still"
        yield finding("step_size", "error", Site(""), words, values={"rate": rate})
        return
    share, name = max(shares, default=(0.0, ""))
    values: Values = {"rate": rate, "name": name, "share": share}
    losses = [step.loss for step in watch.steps if step.loss is not None]
    if share > OVERSHOT and (not losses or losses[-1] >= losses[0]):
        yield finding("step_size", "warning", Site(name), "step_too_large", values=values)
    elif shares and share < STANDSTILL:
        yield finding("step_size", "warning", Site(name), "step_too_small", values=values)


def _is_finite(step: StepSeen) -> bool:
    return all(map(math.isfinite, (*(size for size in step.gradients.values() if size), *step.changes.values())))


def held_losses(watch: Watch) -> Iterator[Finding]:
    """Losses of former steps that are kept with the graphs that made them."""
    if watch.held_losses >= 2:
        code = "running_loss += loss.item()"
        yield finding("held_losses", "warning", Site(""), code=code, values={"count": watch.held_losses})


def dead_units(watch: Watch) -> Iterator[Finding]:
    """Units behind ReLU that are zero for every sample of the first batch."""
    seen = traced(watch.net, watch.inputs)
    if seen is None or len(seen.inputs[0].spec.shape) < 2 or seen.inputs[0].spec.shape[0] < FEWEST:
        return
    flow = Flow(seen)
    steps = [step for step in seen.steps if step.node.op.name == "relu" and step.node.outputs[0].spec.rank in (2, 4)]
    arrays = numbers_of(seen, [step.node.outputs[0] for step in steps])
    for step, array in zip(steps, arrays, strict=True):
        dead, units = _dead(array), array.shape[1]
        if units >= FEWEST and dead > MANY * units:
            layer = flow.layer(step)
            at = Site(flow.call(step).name, made_at(layer) if layer is not None else None, step.place)
            words = "all_units_dead" if dead == units else "dead_units"
            values: Values = {"layer": flow.label(step), "dead": dead, "units": units, "samples": array.shape[0]}
            yield finding("dead_units", "error" if dead == units else "warning", at, words, values=values)


def _dead(array: Array) -> int:
    """How many units, or channels, are zero everywhere."""
    axes = tuple(axis for axis in range(array.ndim) if axis != 1)
    return int((array == 0).all(axis=axes).sum())


SYMPTOMS: tuple[Callable[[Watch], Iterator[Finding]], ...] = (
    optimizer_elsewhere,
    no_step,
    not_shuffled,
    evaluation_mode,
    not_finite,
    no_gradient,
    gradients_add_up,
    step_size,
    first_loss,
    fading_gradients,
    dead_units,
    held_losses,
)
