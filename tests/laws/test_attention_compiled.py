"""Attention whose samples come first is one program of machine code, with masks and without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from backends import MACHINES, Outcome, close, in_machine_code, in_numpy, outcome
from table import scatter

from knoll import nn
from knoll.machine import Machine
from knoll.run.compiled import CompiledProgram

SAMPLES, LENGTH, WIDTH, HEADS = 3, 6, 20, 2
MASKS = {
    "causal": np.triu(np.full((LENGTH, LENGTH), -np.inf), 1),
    "padding": np.where(np.arange(LENGTH) < np.array([[6], [4], [1]]), 0.0, -np.inf),
}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@pytest.mark.parametrize("names", [(), ("causal",), ("padding",), ("causal", "padding")], ids="-".join)
@pytest.mark.parametrize("average", [False, True])
def test_attention_to_itself(machine: Machine, names: tuple[str, ...], average: bool) -> None:
    layer = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
    scatter(layer)
    x = np.random.default_rng(1).standard_normal((SAMPLES, LENGTH, WIDTH)).astype(np.float32)
    words = dict(zip(("causal", "padding"), ("attn_mask", "key_padding_mask"), strict=True))

    def call(x: Any, *masks: Any) -> Any:
        given = {words[name]: mask.detach() for name, mask in zip(names, masks, strict=True)}
        return layer(x, x, x, average_attn_weights=average, **given)

    def run(backend: Any) -> Outcome:
        return outcome(backend, layer, [x, *(MASKS[name].astype(np.float32) for name in names)], call=call)

    mine = run(in_machine_code(machine))
    assert [type(program) for program in mine.programs] == [CompiledProgram]
    close(mine, run(in_numpy))


class Attention(nn.Module):
    """Attention without weights."""

    def forward(self, q: Any, k: Any, v: Any, mask: Any = None) -> Any:
        """As `options` say."""
        return nn.functional.scaled_dot_product_attention(q, k, v, mask, **self.options)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("mask", ["none", "causal", "numbers"])
def test_attention_by_itself(machine: Machine, mask: str, shared: bool) -> None:
    rng, layer = np.random.default_rng(1), Attention()
    layer.options = {"is_causal": mask == "causal", "enable_gqa": shared}
    heads = (4, 2, 2) if shared else (4, 4, 4)
    arrays = [
        rng.standard_normal((SAMPLES, n, length, 8)).astype(np.float32)
        for n, length in zip(heads, (LENGTH, 9, 9), strict=True)
    ]
    if mask == "numbers":
        hidden = rng.random((SAMPLES, 1, LENGTH, 9)) < 0.4
        hidden[1, 0, 2] = True
        arrays.append(np.where(hidden, -np.inf, 0).astype(np.float32))
    mine = outcome(in_machine_code(machine), layer, arrays)
    assert [type(program) for program in mine.programs] == [CompiledProgram]
    close(mine, outcome(in_numpy, layer, arrays))
