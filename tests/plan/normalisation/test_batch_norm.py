"""Batch normalisation between other layers: readers of statistics run in a later phase."""

from __future__ import annotations

import numpy as np

from against_meaning import same_with_any_threads, unsimplified, value
from knoll.graph import Array, Graph, evaluate
from knoll.machine import host
from knoll.ops.activation.relu_sigmoid_tanh import relu, tanh
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add
from knoll.run.build import build
from normalised import arrays_for, check_normalised, normalised

SLIDE = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}


def test_layers_between_statistics() -> None:
    """Two normalisations, one above the other, with a shortcut around the second: five phases and their way back."""
    dtype = "float64"
    x, w1, w2 = value(dtype, 5, 3, 8, 8), value(dtype, 6, 3, 3, 3), value(dtype, 6, 6, 3, 3)
    first, y = normalised(conv2d(x, w1, **SLIDE), True, True, dtype)
    y = relu(y)
    second, z = normalised(conv2d(y, w2, **SLIDE), True, True, dtype)
    check_normalised(Graph((x, w1, w2, *first, *second), (tanh(add(z, y)),)), host())


def test_bits_do_not_depend_on_threads() -> None:
    x = value("float32", 33, 20, 9, 9)
    others, y = normalised(x, True, True, "float32")
    graph = Graph((x, *others), (y,))
    program, arrays = build(graph, (0, 1, 2), host()), arrays_for(graph)

    def run() -> list[Array]:
        (out,), saved = program.forward(arrays)
        return [out, *program.backward(saved, [out])]

    same_with_any_threads(run)


def test_weights_used_twice_stay_compiled() -> None:
    x, w = value("float64", 3, 4, 6, 6), value("float64", 4, 4, 3, 3)
    check_normalised(Graph((x, w), (conv2d(relu(conv2d(x, w, **SLIDE)), w, **SLIDE),)), host())


def test_one_pixel_with_room_around_it() -> None:
    x, w = value("float64", 4, 33, 1, 1), value("float64", 5, 33, 3, 3)
    others, y = normalised(x, True, True, "float64")
    graph = Graph((x, *others, w), (conv2d(y, w, **SLIDE),))
    arrays = arrays_for(graph)
    truth = evaluate(graph, arrays)[0]
    np.testing.assert_allclose(unsimplified(graph, host()).forward(arrays)[0][0], truth, atol=1e-11)
