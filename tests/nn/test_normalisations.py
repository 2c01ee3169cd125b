"""Layer, group, instance and root mean square normalisation by name: element types and threads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import knoll
from knoll import Tensor, nn
from knoll.nn import functional as F

Function = Callable[[Tensor, Tensor, Tensor], Tensor]

FUNCTIONS: dict[str, Function] = {
    "layer_norm": lambda x, scale, shift: F.layer_norm(x, (6,), scale, shift),
    "rms_norm": lambda x, scale, _: F.rms_norm(x, (6,), scale),
    "group_norm": lambda x, scale, shift: F.group_norm(x, 2, scale, shift),
    "instance_norm": lambda x, scale, shift: F.instance_norm(x, None, None, scale, shift),
}


@pytest.mark.parametrize("learned", ["float16", "float32"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_half_precision_is_rounded_once(name: str, learned: str) -> None:
    """Results have the element type of x, as PyTorch's, and are those of float64 in half precision."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((3, 6, 6)).astype(np.float16)
    scale, shift = rng.standard_normal((2, 6)).astype(learned)
    function = FUNCTIONS[name]
    truth = function(*(knoll.tensor(each.astype(np.float64)) for each in (x, scale, shift))).numpy()
    y = function(knoll.tensor(x), knoll.tensor(scale), knoll.tensor(shift)).numpy()
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, truth, rtol=6e-4, atol=2e-5)  # half of the distance to the next number is 4.9e-4


@pytest.mark.parametrize(("groups", "shape"), [(4, (1, 12, 40, 41)), (12, (9, 12, 5, 7)), (1, (21, 12, 3, 5))])
def test_threads_give_the_same_bits(groups: int, shape: tuple[int, ...]) -> None:
    knoll.manual_seed(3)
    layer, before = nn.GroupNorm(groups, 12), knoll.get_num_threads()
    x, dy = knoll.randn(*shape), knoll.randn(*shape)
    found = []
    for threads in (1, 2, 3):
        knoll.set_num_threads(threads)
        layer.zero_grad()
        own = x.clone().requires_grad_()
        y = layer(own)
        y.backward(dy)
        found.append([y.detach(), own.grad, *(each.grad for each in layer.parameters())])
    knoll.set_num_threads(before)
    for others in found[1:]:
        for one, other in zip(found[0], others, strict=True):
            assert one is not None
            assert other is not None
            np.testing.assert_array_equal(one.numpy(), other.numpy())
