"""What a picture says: the numbers that stand in the cells of an array, and in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from knoll.draw import Element, Group, Rect, Scene, Text, numeral
from knoll.draw.text import said
from knoll.messages import Language


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


def words(scene: Scene, language: Language) -> list[str]:
    """All texts of a picture in a language."""
    return [said(leaf.words, language) for _, _, leaf in _leaves(scene.elements, 0.0, 0.0) if isinstance(leaf, Text)]


def shows(text: str, number: float, array: object) -> bool:
    """Whether a text is the number of an array, which another order of a sum may give a little differently.

    Beside what is added to it a number may have more decimals than by itself.
    """
    if text == numeral(number):
        return True
    sizes = np.abs(np.asarray(array, np.float64))
    slack = 1e-6 + 1e-5 * float(np.max(sizes, initial=0.0, where=np.isfinite(sizes)))
    if not np.isfinite(number) or text in ("NaN", "∞", "−∞"):
        return False
    near = {numeral(float(number) + shift) for shift in (-slack, slack)}
    decimals, least = (len(each.partition(".")[2]) for each in (text, numeral(number)))
    rounded = 0.5 * 10.0**-decimals if decimals > least and "e" not in text else 0.0
    return text in near or abs(float(text.replace("−", "-")) - float(number)) <= slack + rounded


def tells(sentence: object, number: float, array: object) -> bool:
    """Whether a sentence has the number among its numbers."""
    found = re.findall(r"−?(?:\d+(?:\.\d+)?(?:e[+−]\d+)?|∞)|NaN", str(sentence))
    return any(shows(text, number, array) for text in found)


def _leaves(elements: tuple[Element, ...], x: float, y: float) -> Iterator[tuple[float, float, Element]]:
    for element in elements:
        if isinstance(element, Group):
            yield from _leaves(element.elements, x + element.dx, y + element.dy)
        else:
            yield x, y, element
