"""Windows: pixels that none of them looks at, and windows and weights that meet nothing but padding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from knoll.analysis import Step
from knoll.check.evidence import Evidence, finding, site
from knoll.check.finding import Finding
from knoll.check.flow import Flow, averages_all
from knoll.check.rules.writing import instead
from knoll.graph import Array, Node, Window
from knoll.nn import Module
from knoll.ops.resample.axes import Average

WORTH_TELLING = 0.05  # of the rows or columns, if it is more than the one that an odd size loses in a pooling by two
FOR_ONE = 0.2  # of the rows or columns, if it is one: 1 of 5 and not 1 of 7 or 11, which the best-known examples lose
MOSTLY = 0.5  # of the weights of a window


@dataclass(frozen=True)
class _Axis:
    """One axis of a layer's windows, and what they see of it."""

    window: Window
    size: int

    @property
    def seen(self) -> int:
        """How far the windows get: the last element that one of them looks at, and all before."""
        return int(np.flatnonzero(self._is_seen).max(initial=-1)) + 1

    @property
    def dropped(self) -> int:
        """How many elements at the end no window gets to."""
        return self.size - self.seen

    @property
    def skipped(self) -> int:
        """How many elements before that no window looks at."""
        return self.seen - int(self._is_seen.sum())

    @property
    def useful_taps(self) -> int:
        """How many of the window's taps ever meet an element."""
        taps = np.arange(self.window.kernel) * self.window.dilation - self.window.before
        position = -(np.minimum(taps, 0) // self.window.stride)  # where each is no longer before the image
        inside = (position < self.window.positions(self.size)) & (taps + position * self.window.stride < self.size)
        return int(inside.sum())

    @cached_property
    def _is_seen(self) -> Array:
        """Which elements some window looks at, without a list of them all: images may be long."""
        starts = np.arange(self.window.positions(self.size)) * self.window.stride - self.window.before
        taps, width = (1, self.window.kernel) if self.window.dilation == 1 else (self.window.kernel, 1)
        edges = np.zeros(self.size + 1, np.int64)
        for tap in range(taps):
            begins = starts + tap * self.window.dilation
            np.add.at(edges, begins.clip(0, self.size), 1)
            np.add.at(edges, (begins + width).clip(0, self.size), -1)
        return np.asarray(edges.cumsum()[:-1] > 0)


def _axes(node: Node) -> tuple[_Axis, _Axis] | None:
    """The rows and the columns that windows slide over; None for an operation without windows."""
    windows = _windows(node)
    if windows is None or node.inputs[0].spec.rank != 4:
        return None
    rows, columns = (_Axis(window, size) for window, size in zip(windows, node.inputs[0].spec.shape[2:], strict=True))
    return (
        (rows, columns) if min(w.positions(a.size) for w, a in zip(windows, (rows, columns), strict=True)) > 0 else None
    )


def _windows(node: Node) -> tuple[Window, Window] | None:
    name, given = node.op.name, node.attributes
    if name == "conv2d":
        return _conv_windows(node.inputs[1].spec.shape[2:], given)
    if name == "max_pool2d":
        zipped = zip(given["kernel"], given["stride"], given["padding"], given["dilation"], strict=True)
        rows, columns = (Window(k, s, p, p, d, given["ceil"]) for k, s, p, d in zipped)
        return rows, columns
    if name == "resample2d" and isinstance(given["rows"], Average) and isinstance(given["columns"], Average):
        return given["rows"].window, given["columns"].window
    return None


def _conv_windows(kernel: tuple[int, ...], given: Mapping[str, Any]) -> tuple[Window, Window]:
    zipped = zip(kernel, given["stride"], given["padding"], given["dilation"], strict=True)
    rows, columns = (Window(k, s, before, after, d) for k, s, (before, after), d in zipped)
    return rows, columns


def _sliding(flow: Flow) -> Iterator[tuple[Step, tuple[_Axis, _Axis]]]:
    """The steps on the way to the output that slide windows over data."""
    for step in flow.trace.steps:
        axes = _axes(step.node)
        if axes is not None and step in flow.live and flow.operands(step)[0] in flow.data:
            yield step, axes


def border_dropped(evidence: Evidence) -> Iterator[Finding]:
    """Rows or columns at the end that no window reaches, as their number is rounded down."""
    flow = evidence.evaluation
    for step, axes in _sliding(flow) if flow else ():
        kept = all(axis.window.kernel >= axis.window.stride for axis in axes)
        worst = max(axes, key=lambda axis: axis.dropped / axis.size)
        limit = FOR_ONE if worst.dropped == 1 else WORTH_TELLING
        if flow and kept and worst.dropped and worst.dropped >= limit * worst.size and _is_sole_reader(flow, step):
            values = _numbers(flow, step, axes) | {"dropped": worst.dropped, "size": worst.size}
            words = "rows_dropped" if worst is axes[0] else "columns_dropped"
            code = _whole_image(flow.layer(step), axes)
            yield finding("border_dropped", "warning", site(flow, step), words, code=code, values=values)


def _is_sole_reader(flow: Flow, step: Step) -> bool:
    """Whether nothing else looks at what a step reads, and nothing puts its results back to where they were."""
    indices = step.node.outputs[1:]
    return len(flow.live_readers(flow.operands(step)[0])) == 1 and not any(flow.live_readers(i) for i in indices)


def _numbers(flow: Flow, step: Step, axes: tuple[_Axis, _Axis]) -> dict[str, Any]:
    sizes = "×".join(str(axis.size) for axis in axes)
    kernel = "×".join(str(axis.window.kernel) for axis in axes)
    stride = "×".join(str(axis.window.stride) for axis in axes)
    return {"layer": flow.label(step), "image": sizes, "kernel": kernel, "stride": stride}


def _whole_image(layer: Module | None, axes: tuple[_Axis, _Axis]) -> str:
    """The same layer with an argument that makes its windows reach the end; nothing if there is none."""
    if layer is None:
        return ""
    if hasattr(layer, "ceil_mode"):
        if all(not _Axis(replace(axis.window, ceil=True), axis.size).dropped for axis in axes):
            return instead(layer, ceil_mode=True)
        return ""
    for extra in range(1, max(axis.window.span for axis in axes)):
        wider = [replace(a.window, before=a.window.before + extra, after=a.window.after + extra) for a in axes]
        if all(not _Axis(window, axis.size).dropped for window, axis in zip(wider, axes, strict=True)):
            return instead(layer, padding=tuple(window.before for window in wider))
    return ""


def stride_beyond_kernel(evidence: Evidence) -> Iterator[Finding]:
    """Pixels between windows that none looks at, as the stride is larger than the kernel."""
    flow = evidence.evaluation
    for step, axes in _sliding(flow) if flow else ():
        skipped = max(axes, key=lambda axis: axis.skipped / axis.size)
        if flow is None or not skipped.skipped or not _is_sole_reader(flow, step):
            continue
        samples = all(axis.window.kernel == 1 for axis in axes)  # 1×1 with stride 2: published in ResNet and FPN
        if samples and flow.operands(step)[0] not in flow.trace.inputs:
            continue
        seen = 1.0
        for axis in axes:
            seen *= (axis.size - axis.skipped - axis.dropped) / axis.size
        values = _numbers(flow, step, axes) | {"share": 1 - seen}
        dilated = any(axis.window.kernel > 1 and axis.window.dilation > 1 for axis in axes)
        words = "dilation_skips" if dilated else "stride_beyond_kernel"
        code = _with_stride(flow.layer(step), axes)
        yield finding("stride_beyond_kernel", "warning", site(flow, step), words, code=code, values=values)


def _with_stride(layer: Module | None, axes: tuple[_Axis, _Axis]) -> str:
    strides = tuple(min(axis.window.stride, axis.window.kernel) if axis.window.dilation == 1 else 1 for axis in axes)
    return instead(layer, stride=strides)


def transposed_gaps(evidence: Evidence) -> Iterator[Finding]:
    """Pixels of a transposed convolution's output that get nothing but the bias."""
    flow = evidence.evaluation
    for step in flow.learned if flow else ():
        if flow is None or step.node.op.name != "conv_transpose2d":
            continue
        kernel, given = step.node.inputs[1].spec.shape[2:], step.node.attributes
        if any(s > k for k, s in zip(kernel, given["stride"], strict=True)) and given["dilation"] == (1, 1):
            values = {
                "layer": flow.label(step),
                "kernel": "×".join(map(str, kernel)),
                "stride": "×".join(map(str, given["stride"])),
            }
            yield finding("stride_beyond_kernel", "warning", site(flow, step), "transposed_gaps", values=values)


def padding_only(evidence: Evidence) -> Iterator[Finding]:
    """Windows of a convolution that see nothing but padding."""
    flow = evidence.evaluation
    for step, axes in _sliding(flow) if flow else ():
        if flow is None or step.node.op.name != "conv2d":
            continue
        if all(axis.window.meets(axis.size) for axis in axes):
            continue
        values = _numbers(flow, step, axes)
        values["padding"] = "×".join(str(axis.window.before) for axis in axes)
        sides = tuple(min(axis.window.before, (axis.window.span - 1) // 2) for axis in axes)
        code = instead(flow.layer(step), padding=sides)
        yield finding("padding_only", "warning", site(flow, step), code=code, values=values)


def image_too_small(evidence: Evidence) -> Iterator[Finding]:
    """Convolutions most of whose weights never meet a pixel, as the image has become smaller than the window."""
    flow = evidence.evaluation
    if flow is None:
        return
    found = []
    averages = {step for step in flow.live if averages_all(step)}
    for step, axes in _sliding(flow):
        if averages and not averages & set(flow.behind(flow.operands(step))):
            continue  # the network averages over whatever is left of the image, and is made for no size of its own
        if step.node.op.name == "conv2d" and step.node.attributes["groups"] == 1:
            taps = axes[0].window.kernel * axes[1].window.kernel
            useful = axes[0].useful_taps * axes[1].useful_taps
            if useful <= MOSTLY * taps and flow.uses_of_weight(step) == 1:
                found.append((step, axes, taps - useful, taps))
    if found:
        step, axes, wasted, taps = found[0]
        values = _numbers(flow, step, axes) | {"wasted": wasted, "taps": taps, "count": len(found)}
        yield finding("image_too_small", "warning", site(flow, step), values=values)


def unpool_size(evidence: Evidence) -> Iterator[Finding]:
    """A max unpooling to another size than the pooling came from: values go to wrong places."""
    flow = evidence.evaluation
    for step in flow.trace.steps if flow else ():
        if flow is None or step not in flow.live or step.node.op.name != "max_unpool2d":
            continue
        pool = flow.made_by.get(flow.operands(step)[1])
        if pool is None or pool.node.op.name not in ("max_pool2d", "adaptive_max_pool2d"):
            continue
        before, after = pool.node.inputs[0].spec.shape[2:], step.node.outputs[0].spec.shape[2:]
        if before != after:
            values = {
                "layer": flow.label(step),
                "pool": flow.label(pool),
                "before": "×".join(map(str, before)),
                "after": "×".join(map(str, after)),
            }
            code = "output_size=x.shape[-2:]"
            yield finding("unpool_size", "error", site(flow, step), code=code, values=values)
