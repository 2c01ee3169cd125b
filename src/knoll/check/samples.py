"""What is known of the data: how many samples, how large the batches, the first sample."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from knoll import nn
from knoll.analysis import trace
from knoll.check.evidence import Evidence, Site, Values, finding
from knoll.check.finding import Finding
from knoll.check.labels import are_sorted, class_numbers
from knoll.check.rules.losses import OF_CLASSES
from knoll.data import DataLoader, SequentialSampler, Subset, TensorDataset, collate
from knoll.errors import ArgumentError, ArgumentTypeError, KnollError
from knoll.graph import Array, Spec
from knoll.messages import say, sentence
from knoll.nn.inspection import Loss
from knoll.tensor import Tensor, zeros

IGNORED = -100  # the class number that losses leave out unless another is chosen
_OF_NUMBERS = frozenset({"MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss"})


@dataclass(frozen=True, eq=False)
class Samples:
    """The data of a training, as far as they are known.

    `first` is what the network reads of the first sample, as a batch of one; `target` what belongs to it; `labels` are
    the class numbers of all samples.
    """

    count: int | None = None
    batch_size: int | None = None
    drops_last: bool = False
    first: tuple[Any, ...] = ()
    target: Any = None
    labels: Array | None = None
    are_as_given: bool = True  # whether a batch holds the samples as the data set gives them
    in_order: bool = False  # whether batches are known to come in the order of the data set

    @property
    def last(self) -> int | None:
        """How many samples the last batch has."""
        if self.batch_size is None or self.count is None or self.drops_last:
            return self.batch_size
        return self.count % self.batch_size or self.batch_size

    def another(self, samples: int) -> int:
        """Another number of samples: of the last batch, if it is a smaller one."""
        last = self.last
        if last is not None and last != samples:
            return last
        return samples - 1 if samples > 2 else samples + 1

    def look(self, evidence: Evidence, loss: Loss | None) -> Iterator[Finding]:
        """Targets that do not fit the network's output."""
        flow = evidence.evaluation
        if flow is None or len(flow.outputs) != 1 or not flow.outputs[0].spec.rank:
            return
        shape = flow.outputs[0].spec.shape
        labels = self.labels
        if evidence.trains and self.in_order and labels is not None and are_sorted(labels):
            order: Values = {"first": int(labels[0]), "last": int(labels[-1]), "count": labels.size}
            yield finding("not_shuffled", "warning", Site(""), code="DataLoader(…, shuffle=True)", values=order)
        if labels is not None:
            labels = labels[labels != IGNORED]
        if evidence.loss in (None, *OF_CLASSES) and labels is not None and _misfit(labels, shape):
            values: Values = {"least": int(labels.min()), "most": int(labels.max()), "classes": shape[1]}
            yield finding("labels", "error", Site(""), values=values)
        target = np.shape(self.target) if self.target is not None else None
        if evidence.loss in _OF_NUMBERS and target is not None and {target, shape[1:]} == {(), (1,)}:
            values = {"output": str(shape), "target": str((shape[0], *target)), "pairs": str((shape[0], shape[0]))}
            values["loss"] = evidence.loss
            code = "output.squeeze(1)" if target == () else "target.squeeze(1)"
            yield finding("target_shape", "error", Site(""), code=code, values=values)
        else:
            yield from self._loss_fails(evidence, flow.outputs[0].spec, flow.trace.inputs[0].spec.shape[0], loss)

    def _loss_fails(self, evidence: Evidence, output: Spec, samples: int, loss: Loss | None) -> Iterator[Finding]:
        """What stops the loss, given the first target for each sample."""
        kind = getattr(nn, str(evidence.loss), None)
        if self.target is None or kind is None or not output.rank or not output.is_float:
            return
        module = loss if isinstance(loss, nn.Module) and type(loss) is kind else kind()
        target = collate([self.target] * samples)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seen = trace(module, zeros(*output.shape, dtype=output.dtype), target, keep_error=True)
        if isinstance(seen.error, KnollError):
            values: Values = {"reason": seen.error.reason, "output": str(output.shape)}
            values |= {"target": str(target.shape), "dtype": str(target.dtype)}
            found = finding("loss_fails", "warning", Site(""), fixable=False, values=values)
            advice = seen.error.advice
            yield found.fixed(sentence("check.fix_as_told", advice=advice)) if advice else found


def _misfit(labels: Array, shape: tuple[int, ...]) -> bool:
    """Whether a class number has no output."""
    if len(shape) not in (2, 4) or shape[1] < 2 or not labels.size:
        return False
    return not 0 <= labels.min() <= labels.max() < shape[1]


def check_count(name: str, count: Any) -> None:
    """Refuse what is no number of things: a whole number, 1 or more; None where it is not known."""
    if count is not None and (not isinstance(count, (int, np.integer)) or isinstance(count, bool) or count < 1):
        raise ArgumentError(say("check.no_count", name=name), got=repr(count))


def samples_of(data: Any, batch_size: int | None) -> Samples:
    """What a loader, a data set or a number of samples tells. Raises ArgumentTypeError for anything else."""
    if data is None:
        return Samples(batch_size=batch_size)
    if isinstance(data, (int, np.integer)) and not isinstance(data, bool):
        check_count("data", int(data))
        return Samples(int(data), batch_size)
    if isinstance(data, DataLoader):
        inner = samples_of(data.dataset, batch_size or data.batch_size)
        as_given = data.collate_fn is collate  # else nobody knows what becomes of samples and targets
        target = inner.target if as_given else None
        in_order = isinstance(data.sampler, SequentialSampler) and (inner.batch_size or 0) < (inner.count or 0)
        inner = replace(inner, drops_last=bool(data.drop_last), in_order=in_order)
        return replace(inner, target=target, are_as_given=as_given)
    if isinstance(data, (str, bytes, dict)) or not hasattr(data, "__getitem__") or not hasattr(data, "__len__"):
        raise ArgumentTypeError(say("check.no_data"), got=type(data).__name__)
    first, target = _parted(data[0]) if len(data) else ((), None)
    return Samples(len(data), batch_size, False, first, target, _labels(data))


def _parted(sample: Any) -> tuple[tuple[Any, ...], Any]:
    """What the network reads of a sample, and its target."""
    x, target = (sample[0], sample[1]) if isinstance(sample, (tuple, list)) and len(sample) > 1 else (sample, None)
    if isinstance(x, (tuple, list)):
        x = x[0] if len(x) == 1 else None
    is_array = isinstance(x, (np.ndarray, Tensor))
    return ((x[None],) if is_array else ()), (target if _is_number(target) else None)


def _is_number(target: Any) -> bool:
    return isinstance(target, (int, float, np.ndarray, np.generic, Tensor))


def _labels(data: Any) -> Array | None:
    """The class numbers of all samples, where a data set keeps them."""
    if isinstance(data, Subset):
        labels = _labels(data.dataset)
        return labels[np.asarray(data.indices)] if labels is not None else None
    targets = data.tensors[-1] if isinstance(data, TensorDataset) else getattr(data, "targets", None)
    return class_numbers(targets)
