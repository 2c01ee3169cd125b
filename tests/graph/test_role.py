"""Roles of operands and results, of operations that name them and of those that do not."""

from __future__ import annotations

import numpy as np

from knoll.graph import Op, Role, Roles, Spec, Value
from knoll.graph.role import BY_ELEMENT
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.linear_algebra.linear import linear


def image(*shape: int) -> Value:
    return Value(Spec(shape, np.dtype(np.float32)))


def test_weights_are_parameters_and_images_are_batched() -> None:
    x, w = image(2, 3), image(4, 3)
    assert linear.node(x, w).roles == Roles((Role.BATCHED, Role.PARAMETER, Role.PARAMETER), (Role.BATCHED,))
    slide = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
    roles = conv2d.node(image(2, 3, 5, 5), image(4, 3, 1, 1), **slide).roles
    assert roles is not None
    assert roles.reads[:2] == (Role.BATCHED, Role.PARAMETER)


def test_a_formula_alone_makes_an_operation_elementwise() -> None:
    assert add.node(image(2, 3), image(2, 3)).roles is BY_ELEMENT
    bare = Op("bare", lambda x: (x,), lambda x: (x,))
    assert bare.node(image(2, 3)).roles is None


def test_roles_may_depend_on_the_node() -> None:
    by_rank = Op(
        "by_rank", lambda x: (x,), lambda x: (x,),
        roles=lambda node: Roles((Role.BATCHED if node.inputs[0].spec.rank > 1 else Role.PARAMETER,), (Role.BATCHED,)),
    )  # fmt: skip
    assert [by_rank.node(image(*shape)).roles.reads for shape in ((2, 3), (3,))] == [
        (Role.BATCHED,),
        (Role.PARAMETER,),
    ]
