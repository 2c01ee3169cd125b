"""The table of a network's layers, for the terminal."""

from __future__ import annotations

import math

from rich.box import SIMPLE_HEAD
from rich.table import Table

from knoll.graph import Shape
from knoll.graph.shapes import shape_text
from knoll.messages import say
from knoll.nn import Module
from knoll.train.layers import layers_of


def summary(module: Module, input_shape: Shape) -> Table:
    """Name, layer, output shape, parameters and multiply-adds of every layer for one sample (c, h, w).

    A parameter that two layers share is counted once in the total.
    """
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_footer=True)
    layers = layers_of(module, input_shape)
    parameters = sum(math.prod(parameter.shape) for parameter in module.parameters())
    work = sum(layer.multiply_adds for layer in layers)
    table.add_column(say("train.column_name"), no_wrap=True, footer=say("train.total"))
    table.add_column(say("train.column_layer"))
    table.add_column(say("train.column_output"), justify="right")
    table.add_column(say("train.column_parameters"), footer=f"{parameters:,}", justify="right")
    table.add_column(say("train.column_work"), footer=f"{work:,}", justify="right")
    table.add_row("", say("train.input"), shape_text(input_shape), "", "")
    for layer in layers:
        cells = (_number(layer.parameters), _number(layer.multiply_adds))
        table.add_row(layer.name, layer.written, shape_text(layer.output), *cells)
    return table


def _number(count: int) -> str:
    return f"{count:,}" if count else "–"
