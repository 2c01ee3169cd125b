"""How weights are laid out: every weight has one place, and sums of gradients come back as weights."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Array
from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.convolution.weight_gradient import Runs
from knoll.kernels.layout.copy import Nest
from knoll.kernels.layout.layout import Images
from knoll.plan import matrix_packing
from knoll.plan.convolution import conv_packing
from planned import LANES, MACHINE, whole_window


def copied(nests: tuple[Nest, ...], source: Array, size: int) -> Array:
    """What nests write, zeros where they write nothing; no place is written twice."""
    found, written = np.zeros(size, source.dtype), np.zeros(size, int)
    for nest in nests:
        places = [(nest.source, nest.target)]
        for count, here, there in nest.loops:
            places = [(a + i * here, b + i * there) for a, b in places for i in range(count)]
        for a, b in places:
            found[b] = source.ravel()[a]
            written[b] += 1
    assert written.max() <= 1
    return found


def kernel(k: int, c: int, r: int, s: int) -> DirectConvolution:
    taps = Taps((0, 0), (1, 1), (r, s), (1, 1))
    return DirectConvolution(
        MACHINE, "float32", Images(c, 8, 8, LANES), Images(k, 6, 6, LANES), taps, (8 - r + 1, 8 - s + 1), (k, c)
    )


@pytest.mark.parametrize("shape", [(16, 3, 3, 2), (40, 5, 1, 1), (7, 2, 2, 2)])
def test_weights_stream_in_groups_of_vectors(shape: tuple[int, int, int, int]) -> None:
    k, c, r, s = shape
    one, w = kernel(*shape), np.arange(1.0, np.prod(shape) + 1).reshape(shape)
    width = one.tile.vectors * LANES
    groups = -(-k // width)
    found = copied(
        conv_packing.direct_weights(conv_packing.forward_view(whole_window(*shape), 1), width, LANES),
        w,
        groups * width * c * r * s,
    )
    padded = np.pad(w, ((0, groups * width - k), (0, 0), (0, 0), (0, 0)))
    expected = padded.reshape(groups, width, c, r, s).transpose(0, 2, 3, 4, 1)
    np.testing.assert_array_equal(found, expected.ravel())


def test_for_the_gradient_of_the_input_the_window_is_turned_round() -> None:
    shape = (5, 16, 3, 2)
    one, w = kernel(16, 5, 3, 2), np.arange(1.0, np.prod(shape) + 1).reshape(shape)
    width = one.tile.vectors * LANES
    found = copied(
        conv_packing.direct_weights(conv_packing.backward_view(shape, 1, (3, 2), (2, 1), (1, 1)), width, LANES),
        w,
        width * 5 * 6,
    )
    expected = np.zeros((5, 3, 2, width))
    expected[..., :16] = w[:, :, ::-1, ::-1].transpose(0, 2, 3, 1)
    np.testing.assert_array_equal(found, expected.ravel())


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("columns", [3, 16, 50])
def test_matrices_lie_in_tiles_of_columns(columns: int, turned: bool) -> None:
    inner, width = 4, 2 * LANES
    matrix = np.arange(1.0, columns * inner + 1).reshape(columns, inner)
    given = np.ascontiguousarray(matrix.T) if turned else matrix
    tiles = -(-columns // width)
    found = copied(matrix_packing.matrix_weights(columns, inner, width, LANES, turned), given, tiles * inner * width)
    padded = np.pad(matrix, ((0, tiles * width - columns), (0, 0)))
    np.testing.assert_array_equal(found, padded.reshape(tiles, width, inner).transpose(0, 2, 1).ravel())


@pytest.mark.parametrize("empty", [0, 4])
@pytest.mark.parametrize("segments", [1, 3])
def test_sums_by_channel_become_weights(segments: int, empty: int) -> None:
    k, c, r, s, block = 20, 6, 2, 3, 4
    runs = Runs(blocks=2, rows=r, segments=segments, length=s * block // segments + empty)
    lines = np.arange(float(k * runs.size)).reshape(k, 2, r, segments, runs.length)
    sums = lines[..., : runs.length - empty].reshape(k, 2, r, s, block)
    found = copied(conv_packing.gradient_by_channel(runs, block, whole_window(k, c, r, s)), lines, k * c * r * s)
    expected = sums.transpose(0, 1, 4, 2, 3).reshape(k, 2 * block, r, s)[:, :c]
    np.testing.assert_array_equal(found.reshape(k, c, r, s), expected)


@pytest.mark.parametrize("segments", [1, 3])
@pytest.mark.parametrize("vectors", [1, 2])
@pytest.mark.parametrize(("k", "c"), [(20, 6), (64, 16), (100, 33), (7, 32)])
@pytest.mark.parametrize("window", [(3, 3), (1, 1), (2, 3), (1, 2)])
def test_sums_by_vector_become_weights(segments: int, vectors: int, k: int, c: int, window: tuple[int, int]) -> None:
    (r, s), block, width = window, 16, vectors * LANES
    segments = s if segments > 1 else 1
    blocks, groups = -(-c // block), -(-k // width)
    runs = Runs(blocks=blocks, rows=r, segments=segments, length=s * block // segments)
    sums = np.arange(float(groups * runs.size * width)).reshape(groups, blocks, r, s, block, width)
    nests = conv_packing.gradient_by_vector(runs, block, vectors, LANES, whole_window(k, c, r, s))
    found = copied(nests, sums, k * c * r * s)
    expected = sums.transpose(0, 5, 1, 4, 2, 3).reshape(groups * width, blocks * block, r, s)[:k, :c]
    np.testing.assert_array_equal(found.reshape(k, c, r, s), expected)


def test_a_line_is_copied_as_it_is() -> None:
    assert copied(matrix_packing.contiguous(3, start=2, to=1), np.arange(9.0), 5).tolist() == [0, 2, 3, 4, 0]
