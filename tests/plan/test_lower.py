"""Graph to plan: what the caller gives and takes, whatever is asked for twice or passed through."""

from __future__ import annotations

from knoll.graph import Graph
from knoll.ops.elementwise.arithmetic import add, exp
from knoll.ops.linear_algebra.linear import linear
from knoll.plan.plan import Kind
from planned import kernels_of, plan_of, steps_of, value


def test_what_is_taken_twice_or_passed_through_is_copied() -> None:
    x = value(2, 20)
    y = exp(x)
    assert kernels_of(plan_of(Graph((x,), (y,)))) == ["Pointwise"]
    assert kernels_of(plan_of(Graph((x,), (y, y)))) == ["Pointwise", "copy_output"]
    assert kernels_of(plan_of(Graph((x,), (y, x)))) == ["Pointwise", "copy_output"]


def test_a_gradient_that_two_inputs_share_is_copied_for_the_second() -> None:
    a, b = value(2, 20), value(2, 20)
    plan = plan_of(Graph((a, b), (exp(add(a, b)),)), 0, 1)
    assert kernels_of(plan).count("copy_output") == 1
    assert len({buffer.number for buffer in plan.gradients}) == 2


def test_phases_follow_each_other() -> None:
    x, w = value(4, 6), value(5, 6)
    plan = plan_of(Graph((x, w), (exp(linear(x, w)),)), 0, 1)
    assert [phase.name for phase in plan.phases if phase.steps] == [
        "prepare",
        "forward",
        "backward",
        "backward combine",
    ]
    assert [step.kernel.title.split("_")[0] for step in plan.prepare.steps] == ["pack", "pack"]
    assert all(
        buffer.kind is not Kind.SCRATCH for phase in plan.backward[1:] for s in phase.steps for buffer in s.buffers
    )


def test_every_step_has_the_buffers_that_its_kernel_asks_for() -> None:
    x, w = value(4, 6), value(5, 6)
    for step in steps_of(plan_of(Graph((x, w), (exp(linear(x, w)),)), 0, 1)):
        assert len(step.buffers) == step.kernel.pointers
