"""The passes that a network is looked at by: inputs for several numbers of samples, and what stopped a pass."""

from __future__ import annotations

import io
import traceback
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knoll.analysis import Call, Place, Step, Trace, trace
from knoll.analysis.inputs import zeros_alike
from knoll.check.evidence import Site
from knoll.check.flow import Flow, averages_all
from knoll.check.report import ShapeRow
from knoll.errors import KnollError
from knoll.graph import Shape
from knoll.nn import Conv2d, Module
from knoll.nn.inspection import Input
from knoll.nn.made_at import made_at
from knoll.tensor import Tensor

_PACKAGE = str(Path(__file__).parents[1])


@dataclass(frozen=True, eq=False)
class Given:
    """One input without its samples: the shape of a sample, and numbers if there are some."""

    sample: Shape
    dtype: Any
    numbers: np.ndarray[Any, Any] | None
    samples: int | None  # how many were given

    def of(self, samples: int) -> Tensor:
        """The input for so many samples: the numbers over and over, or zeros."""
        if self.numbers is None:
            return zeros_alike((samples, *self.sample), self.dtype)
        return Tensor._over(np.resize(self.numbers, (samples, *self.sample)))


def given(value: Input, module: Module, is_batch: bool = False, as_it_is: bool = False) -> Given:
    """What was given, told apart: samples, and the shape of one.

    With `is_batch` a short shape is a batch too; numbers are converted to the type of the weights, or `as_it_is` not.
    """
    floats = [p.dtype for p in module.parameters() if p.is_floating_point()]
    own = floats[0] if floats else np.dtype(np.float32)
    if isinstance(value, (np.ndarray, Tensor)):
        array = value.detach().numpy() if isinstance(value, Tensor) else value
        if array.ndim == 3 and any(isinstance(each, Conv2d) for each in module.modules()):
            array = array[None]  # one image
        if array.ndim < 2:
            array = array[None]
        numbers = array if as_it_is or (array.dtype.kind != "f" and not floats) else array.astype(own)
        return Given(array.shape[1:], numbers.dtype, numbers, len(array))
    shape = (value,) if isinstance(value, int) else tuple(value)
    if len(shape) > 3 or (is_batch and len(shape) > 1):
        return Given(shape[1:], own, None, shape[0])
    return Given(shape, own, None, None)


@dataclass(frozen=True, eq=False)
class Pass:
    """One pass and what became of it."""

    trace: Trace
    samples: int

    @property
    def flow(self) -> Flow | None:
        """The flow of a pass that came to its end and gave something."""
        return Flow(self.trace) if self.trace.error is None and self.trace.outputs else None

    @property
    def gives_nothing(self) -> bool:
        """Whether it came to its end without a tensor."""
        return self.trace.error is None and not self.trace.outputs

    @property
    def needs_two_samples(self) -> bool:
        """Whether it was stopped by a batch norm that has one value of each channel, whatever the size of the image."""
        flow = Flow(self.trace)
        step = self.trace.steps[-1] if self.trace.steps else None
        if "more than 1 value per channel" not in self.reason or step is None:
            return False
        while step is not None and step.node.outputs[0].spec.rank == 4:
            before = flow.operands(step)[0]
            if step.node.outputs[0].spec.shape[2:] == (1, 1) and before.spec.shape[2:] != (1, 1):
                return averages_all(step)
            step = flow.made_by.get(before)
        return step is not None

    @property
    def reason(self) -> str:
        """What stopped it, in one line; nothing if it came to its end."""
        error = self.trace.error
        if error is None:
            return ""
        return error.reason if isinstance(error, KnollError) else f"{type(error).__name__}: {error}"

    @property
    def site(self) -> Site:
        """Where it was stopped: the module that was being called, and the user's innermost line."""
        open_calls = [call for call in self.trace.calls if not call.outputs]
        module = open_calls[-1].module if open_calls else self.trace.module
        name = open_calls[-1].name if open_calls else ""
        return Site(name, made_at(module), _innermost(self.trace.error))


def regrouped(stopped: Pass) -> Step | None:
    """The reshape that gave the layer that stopped a pass another number of rows than there are samples."""
    flow = Flow(stopped.trace)
    open_calls = [call for call in stopped.trace.calls if not call.outputs]
    value = open_calls[-1].inputs[0] if open_calls and open_calls[-1].is_layer and open_calls[-1].inputs else None
    while value is not None and (step := flow.made_by.get(flow.same(value))) is not None:
        before, after = step.node.inputs[0].spec.shape, step.node.specs[0].shape
        if step.node.op.name == "reshape":
            is_batch = len(before) > 1 and before[0] == stopped.samples and len(after) == 2
            return step if is_batch and after[0] != stopped.samples else None
        value = flow.only_data(step) if before == after else None
    return None


def squeezed(alone: Pass, many: Pass) -> Step | None:
    """The reshape that drops the axis of the samples where there is one, and keeps it where there are many."""
    for one, other in zip(alone.trace.steps, many.trace.steps, strict=False):
        if one.node.op is not other.node.op:
            return None
        x, y = one.node.inputs[0].spec.shape, one.node.specs[0].shape
        given, kept = other.node.inputs[0].spec.shape, other.node.specs[0].shape
        is_squeeze = one.node.op.name == "reshape" and x[:1] == (1,) and given[:1] == kept[:1] == (many.samples,)
        if is_squeeze and len(x) == len(given) and len(y) < len(kept):
            return one
    return None


def _innermost(error: Exception | None) -> Place | None:
    """The innermost line outside of Knoll that an error went through."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    users = [f for f in frames if not f.filename.startswith((_PACKAGE, "<arguments>")) and f.lineno]
    return Place(users[-1].filename, users[-1].lineno or 0) if users else None


def rows_of(looked_at: Pass) -> tuple[ShapeRow, ...]:
    """A row for each call of a layer, and for the call that failed."""
    calls = looked_at.trace.calls
    failed = [call for call in calls if not call.outputs][-1:] if looked_at.trace.error is not None else []
    return tuple(_row(call) for call in calls if call in failed or (call.is_layer and call.outputs))


def _row(call: Call) -> ShapeRow:
    inputs, outputs = (tuple(value.spec for value in values) for values in (call.inputs, call.outputs))
    return ShapeRow(call.name, call.kind, inputs, outputs)


def run(module: Module, inputs: Sequence[Given], samples: int, training: bool) -> Pass:
    """One pass with so many samples."""
    tensors = [each.of(samples) for each in inputs]
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):  # the network's own call will say and print them
        warnings.simplefilter("ignore")
        return Pass(trace(module, *tensors, training=training, keep_error=True), samples)
