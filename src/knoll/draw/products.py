"""One output of a convolution in full: the window times the kernel, element by element, and the sum."""

from __future__ import annotations

from numpy.typing import ArrayLike

from knoll.draw.elements import Text
from knoll.draw.matrix import values_of
from knoll.draw.number_grid import number_grid
from knoll.draw.scene import Scene, beside
from knoll.draw.text import LABEL, TITLE, Words, width
from knoll.errors import ShapeError
from knoll.messages import say, sentence

SPACE = 12.0


def products(
    window: ArrayLike,
    weight: ArrayLike,
    terms: ArrayLike,
    *,
    total: float,
    bias: float | None = None,
    result: float,
    title: Words = "",
) -> Scene:
    """Products of a window and a kernel, all of shape (rows, columns), and what becomes of them.

    Args:
        window: the numbers of the input under the window.
        weight: the weights of the kernel.
        terms: the products.
        total: their sum.
        bias: what is added to it; nothing by default.
        result: the number of the output.
        title: stands above all.

    Raises ShapeError where the shapes differ, DTypeError where an array holds no numbers.

    >>> from knoll.draw import products
    >>> "bias" in products([[1, 2]], [[3, 4]], [[3, 8]], total=11, bias=0.5, result=11.5).svg(language="en")
    True
    """
    arrays = [values_of(array, 2) for array in (window, weight, terms)]
    if len({array.shape for array in arrays}) > 1:
        raise ShapeError(say("draw.one_shape"), got=", ".join(str(array.shape) for array in arrays))
    seen, weights, multiplied = arrays
    parts = [
        _grid(number_grid(seen, role="input", indices=False), sentence("draw.window")),
        _sign("×"),
        _grid(number_grid(weights, role="kernel", heat=True, indices=False), sentence("draw.kernel")),
        _sign("="),
        _grid(number_grid(multiplied, indices=False), sentence("draw.products")),
        _sign("Σ ="),
        _grid(number_grid([[total]], indices=False), sentence("draw.sum")),
    ]
    if bias is not None:
        parts += [_sign("+"), _grid(number_grid([[bias]], role="kernel", indices=False), sentence("draw.bias"))]
    parts += [_sign("="), _grid(number_grid([[result]], role="output", indices=False), sentence("draw.output"))]
    scene = beside(*parts, gap=SPACE)
    return scene.titled(title) if title else scene


def _grid(grid: Scene, name: Words) -> Scene:
    """A grid with its name above, and as much room below, so that its middle stays in the middle."""
    named = grid.titled(name, LABEL)
    return Scene(named.width, 2 * named.height - grid.height, named.elements)


def _sign(sign: str) -> Scene:
    return Scene(width(sign, TITLE), TITLE, (Text(width(sign, TITLE) / 2, TITLE / 2, sign, TITLE, "muted"),))
