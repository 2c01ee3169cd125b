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
