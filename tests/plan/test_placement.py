"""Buffers that are live together never share memory; those that are not do, and halos stay zero."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import in_machine_code
from knoll.graph import Array, Graph
from knoll.kernels.layout.clear_halo import ClearHalo
from knoll.kernels.layout.layout import NO_HALO, Images
from knoll.machine import host
from knoll.ops.activation.relu_sigmoid_tanh import tanh
from knoll.ops.convolution.conv import conv2d
from knoll.ops.normalisation.batch_norm import batch_norm, batch_statistics
from knoll.plan.placement import Lifetime, halos_to_clear, packed_by_size, placed
from knoll.plan.plan import Buffer, Kind
from knoll.run.workspace import Extent, Workspace
from planned import SLIDE, plan_of, value

LAYOUTS = (None, Images(16, 4, 4, 16), Images(16, 4, 4, 16, ((1, 1), (1, 1))), Images(16, 6, 6, 16, ((0, 1), (0, 1))))


@st.composite
def lifetimes(draw: st.DrawFn) -> list[tuple[Buffer, Lifetime]]:
    found = []
    for number in range(draw(st.integers(1, 24))):
        images = draw(st.sampled_from(LAYOUTS))
        size = images.size if images else draw(st.integers(1, 500))
        first, length = draw(st.integers(0, 20)), draw(st.integers(0, 8))
        buffer = Buffer(number, Kind.SAVED, "float32", size, "b", images)
        found.append((buffer, ((first, 0), (first + length, 0))))
    return found


def overlap(a: Buffer, b: Buffer, offsets: dict[int, int]) -> bool:
    start, other = offsets[a.number], offsets[b.number]
    return start < other + b.bytes and other < start + a.bytes


def has_halo(buffer: Buffer) -> bool:
    return buffer.images is not None and buffer.images.halo != NO_HALO


@given(lifetimes())
def test_buffers_share_memory_only_if_they_may(found: list[tuple[Buffer, Lifetime]]) -> None:
    offsets = placed(found)
    assert all(offset % 64 == 0 for offset in offsets.values())
    for (a, (first, last)), (b, (start, end)) in combinations(found, 2):
        if not overlap(a, b, offsets):
            continue
        assert last < start or end < first
        if has_halo(a) or has_halo(b):
            assert a.images == b.images
            assert offsets[a.number] == offsets[b.number]


def test_memory_is_used_again_for_what_is_smaller_larger_and_alike() -> None:
    sizes = (300, 300, 100, 100, 600)
    moments = ((0, 1), (0, 1), (2, 3), (2, 3), (4, 5))
    found = [
        (Buffer(n, Kind.SAVED, "float32", size, "b"), ((first, 0), (last, 0)))
        for n, (size, (first, last)) in enumerate(zip(sizes, moments, strict=True))
    ]
    offsets = placed(found)
    assert max(offsets[b.number] + b.bytes for b, _ in found) <= 2432  # 608 floats, the sum of the first two in lines
    halo = [
        (Buffer(n, Kind.SAVED, "float32", LAYOUTS[2].size, "b", LAYOUTS[2]), ((n, 0), (n, 0)))
        for n in range(5)
        if LAYOUTS[2]
    ]
    assert set(placed(halo).values()) == {0}


@given(lifetimes())
def test_by_size_too_what_is_live_together_does_not_overlap(found: list[tuple[Buffer, Lifetime]]) -> None:
    found = [(replace(b, size=40 * b.size), life) for b, life in found]  # small ones and large ones
    offsets = packed_by_size(found)
    assert all(offset % 64 == 0 for offset in offsets.values())
    apart = (b for b in combinations(found, 2) if overlap(b[0][0], b[1][0], offsets))
    assert all(last < start or end < first for (_, (first, last)), (_, (start, end)) in apart)
    buffers = [replace(b, offset=offsets[b.number]) for b, _ in found]
    met = halos_to_clear(buffers)
    for a, b in combinations(buffers, 2):
        if overlap(a, b, offsets) and (a.images, a.offset) != (b.images, b.offset):
            assert {each.number for each in (a, b) if has_halo(each)} <= met


def test_by_size_memory_is_as_much_as_is_live_at_once() -> None:
    """The linear scan leaves a gap of 100 lines, into which the last does not fit."""
    sizes, moments = (100, 200, 300), ((0, 1), (0, 3), (2, 3))
    found = [
        (Buffer(n, Kind.SAVED, "float32", 16 * size, "b"), ((first, 0), (last, 0)))
        for n, (size, (first, last)) in enumerate(zip(sizes, moments, strict=True))
    ]
    top = {place: max(place(found)[b.number] + b.bytes for b, _ in found) for place in (placed, packed_by_size)}
    assert top == {placed: 64 * 600, packed_by_size: 64 * 500}


def test_halos_are_zero_in_every_call() -> None:
    """Memory with a halo held images without one in the call before."""
    x, *weights = value(4, 16, 12, 12), *(value(32, c, 3, 3) for c in (16, 32, 32, 32))
    y = x
    for stride, w in zip((1, 2, 1, 1), weights, strict=True):
        mean, variance, _ = batch_statistics.node(y := conv2d(y, w, **SLIDE | {"stride": (stride,) * 2})).outputs
        y = tanh(batch_norm(y, mean, variance, epsilon=1e-5, own=True))
    graph = Graph((x, *weights), (y,))
    program = in_machine_code(graph, tuple(range(5)), host())
    cleared = [step for phase in program.plan.phases for step in phase.steps if isinstance(step.kernel, ClearHalo)]
    assert cleared

    def results(seed: int) -> list[Array]:
        generator = np.random.default_rng(seed)
        arrays = [generator.standard_normal(v.spec.shape).astype(np.float32) for v in (*graph.inputs, y)]
        outputs, saved = program.forward(arrays[:-1])
        return [*outputs, *program.backward(saved, arrays[-1:])]

    first, _, again = results(0), results(1), results(0)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


def deep() -> Graph:
    x, *weights = value(4, 16, 12, 12), *(value(16, 16, 3, 3) for _ in range(6))
    y = x
    for w in weights:
        mean, variance, _ = batch_statistics.node(y := conv2d(y, w, **SLIDE)).outputs
        y = tanh(batch_norm(y, mean, variance, epsilon=1e-5, own=True))
    return Graph((x, *weights), (y,))


def test_backward_uses_the_memory_of_what_it_has_read() -> None:
    plan = plan_of(deep(), *range(7))
    forward, backward = (
        {b for phase in phases for step in phase.steps for b in step.buffers if b.kind is Kind.SAVED}
        for phases in (plan.forward, plan.backward)
    )
    offsets = {b.number: b.offset for b in forward | backward}
    assert [(a, b) for a in forward & backward for b in backward - forward if overlap(a, b, offsets)]


def test_what_is_kept_for_another_backward_is_put_back() -> None:
    graph, generator = deep(), np.random.default_rng(0)
    program = in_machine_code(graph, tuple(range(7)), host())
    arrays = [generator.standard_normal(v.spec.shape).astype(np.float32) for v in graph.inputs]
    seed = [generator.standard_normal(graph.outputs[0].spec.shape).astype(np.float32)]
    _, saved = program.forward(arrays)
    first, second, third = (program.backward(saved, seed, keep=keep) for keep in (True, True, False))
    for one, other, last in zip(first, second, third, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, last)


def test_a_workspace_has_one_memory_for_each_kind() -> None:
    x = value(4, 16, 8, 8)
    plan = plan_of(Graph((x,), (tanh(x),)))
    space = Workspace.new(plan, Extent(4, 4, 4, 1, 1))
    held = sum(
        plan.bytes_for_each(kind) * count for kind, count in ((Kind.SAVED, 4), (Kind.PARTIAL, 4), (Kind.REDUCED, 1))
    )
    scratch = plan.bytes_for_each(Kind.SCRATCH) * 4
    temporary = max((b.bytes for b in plan.of_kind(Kind.TEMPORARY)), default=0)
    assert held + scratch + temporary <= space.bytes <= held + scratch + temporary + 5 * 64
