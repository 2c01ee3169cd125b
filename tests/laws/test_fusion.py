"""Fused = unfused: a layer behind a convolution or a linear layer in one program, against each called alone."""

from __future__ import annotations

from typing import Any

import pytest
from backends import as_chosen, close, outcome
from table import CASES, Case, normal

from knoll import nn
from knoll.run.compiled import CompiledProgram

CHANNELS = 3


class Behind(nn.Module):
    """A layer behind another."""

    def __init__(self, front: nn.Module, layer: nn.Module) -> None:
        super().__init__()
        self.front, self.layer = front, layer

    def forward(self, x: Any, *others: Any) -> Any:
        return self.layer(self.front(x), *others)


def front_of(case: Case, dtype: str) -> nn.Module:
    """What makes images or rows of the shape that the layer takes."""
    width = case.shape[1]
    front = f"Conv2d({CHANNELS}, {width}, 3, padding=1)" if len(case.shape) == 4 else f"Linear({CHANNELS}, {width})"
    return Case(front, (1, CHANNELS)).build(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", [c for c in CASES if len(c.shape) in (2, 4) and c.inputs[0] is normal], ids=str)
def test_fused_equals_unfused(case: Case, dtype: str) -> None:
    front, layer = front_of(case, dtype), case.build(dtype)
    net = Behind(front, layer)
    shape = (case.shape[0], CHANNELS, *case.shape[2:])
    arrays = [*Case("Identity()", shape).arrays(dtype), *case.arrays(dtype)[1:]]
    for training, gradient in ((True, True), (False, False)):
        if dtype == "float64" and not gradient:
            continue  # the same kernels as with a gradient, and fewer
        net.train(training)
        before = layer.state_dict()
        buffers = {name: before[name].detach().numpy().copy() for name, _ in layer.named_buffers()}
        fused = outcome(as_chosen, net, arrays, gradient)
        layer.load_state_dict({**before, **buffers})
        alone = outcome(as_chosen, net, arrays, gradient, call=lambda x, *others: layer(front(x), *others))
        layer.load_state_dict({**before, **buffers})
        close(fused, alone)
        if case.compiled:
            assert len(fused.programs) == 1
            assert isinstance(fused.programs[0], CompiledProgram)
