"""What gives back its operand as it is disappears."""

from __future__ import annotations

from knoll.graph import Graph
from knoll.ops.elementwise.arithmetic import exp
from knoll.ops.reduction.reduce import expand
from knoll.ops.shapes.reshape import reshape
from knoll.plan.passes.identities import drop_identities
from planned import value


def test_reshapes_and_expansions_that_change_nothing() -> None:
    x = value(2, 1, 3)
    y = reshape(expand(exp(x), shape=(2, 1, 3), axes=(1,), scale=1.0), shape=(2, 1, 3))
    assert [node.op.name for node in drop_identities(Graph((x,), (y,))).nodes] == ["exp"]


def test_others_stay() -> None:
    x = value(2, 3)
    scaled = Graph((x,), (expand(x, shape=(2, 3), axes=(), scale=2.0),))
    wider = Graph((x,), (expand(x, shape=(2, 3, 4), axes=(2,), scale=1.0), reshape(x, shape=(3, 2))))
    assert drop_identities(scaled) is scaled
    assert drop_identities(wider) is wider
