"""The table of a network's layers, for the terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.table import Table

from knoll.analysis import costs, trace, written
from knoll.graph import Shape
from knoll.graph.shapes import shape_text
from knoll.messages import say
from knoll.nn import Module


def summary(module: Module, input_shape: Shape) -> Table:
    """Name, layer, output shape, parameters and multiply-adds of every layer for one sample (c, h, w).

    A parameter that two layers share is counted once in the total.
    """
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_footer=True)
    found = trace(module, (1, *input_shape))
    work = costs(found)
    table.add_column(say("train.column_name"), no_wrap=True, footer=say("train.total"))
    table.add_column(say("train.column_layer"))
    table.add_column(say("train.column_output"), justify="right")
    table.add_column(say("train.column_parameters"), footer=f"{work.total.parameters:,}", justify="right")
    table.add_column(say("train.column_work"), footer=f"{work.total.multiply_adds:,}", justify="right")
    table.add_row("", say("train.input"), shape_text(input_shape), "", "")
    for layer in found.layers:
        cost = work.of[layer]
        cells = (shape_text(layer.output.shape[1:]), _number(cost.parameters), _number(cost.multiply_adds))
        table.add_row(layer.name or layer.kind, written(layer.module), *cells)
    return table


def _number(count: int) -> str:
    return f"{count:,}" if count else "–"
