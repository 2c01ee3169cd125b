"""What a picture says: the numbers that stand in the cells of an array."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.draw import Element, Group, Rect, Scene, Text


def numbers(scene: Scene, array: str) -> dict[tuple[int, ...], str]:
    """The text in each cell of an array that has one."""
    leaves = [*_leaves(scene.elements, 0.0, 0.0)]
    texts = [(x + leaf.x, y + leaf.y, str(leaf.words)) for x, y, leaf in leaves if isinstance(leaf, Text)]
    found = {}
    for x, y, leaf in leaves:
        if isinstance(leaf, Rect) and leaf.cell is not None and leaf.cell.array == array:
            left, top = x + leaf.x, y + leaf.y
            for across, down, text in texts:
                if left < across < left + leaf.width and top < down < top + leaf.height:
                    found[leaf.cell.index] = text
    return found


def _leaves(elements: tuple[Element, ...], x: float, y: float) -> Iterator[tuple[float, float, Element]]:
    for element in elements:
        if isinstance(element, Group):
            yield from _leaves(element.elements, x + element.dx, y + element.dy)
        else:
            yield x, y, element
