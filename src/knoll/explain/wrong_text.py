"""What is wrong with the text of a layer, in a sentence: with its punctuation, or with its arguments."""

from __future__ import annotations

import ast
import difflib
import inspect
import re
from collections.abc import Mapping

from knoll.errors import ArgumentError
from knoll.messages import say

FULL_WIDTH: Mapping[str, str] = dict(zip("（），；：＝［］．“”‘’", "(),;:=[].\"\"''", strict=True))
"""Punctuation of Chinese texts, and what a program has in its place."""
OUTSIDE = ("device", "dtype")  # arguments that are not told of


def reason_of(text: str, error: Exception) -> str:
    """Why a text is no Python expression."""
    letter = next((each for each in text if each in FULL_WIDTH), None)
    if not text.strip():
        return say("explain.text_empty")
    if letter is not None:
        return say("explain.text_full_width", letter=letter, plain=FULL_WIDTH[letter])
    if re.match(r"\s*[\w.]+\s*=(?!=)", text):
        return say("explain.text_assigned")
    if (depth := unclosed(text)) != 0:
        return say("explain.text_open" if depth > 0 else "explain.text_closed")
    if "digits" in str(error):
        return say("explain.text_digits")
    if "comma" in str(error):
        return say("explain.text_comma")
    return say("explain.text_other")


def unclosed(text: str) -> int:
    """How many brackets are opened and not closed; −1 where one is closed that is not open."""
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if depth < 0:
            return depth
    return depth


def check_call(name: str, parameters: Mapping[str, inspect.Parameter], call: ast.Call, is_whole: bool = True) -> None:
    """Refuse arguments that there are not, or too many of them, or twice the same; if whole, also one that is missing.

    Raises ArgumentError.
    """
    names, named = list(parameters), [each.arg for each in call.keywords if each.arg is not None]
    positional = [each for each, it in parameters.items() if it.kind is it.POSITIONAL_OR_KEYWORD]
    given = [*positional[: len(call.args)], *named]
    required = [each for each, it in parameters.items() if it.default is it.empty]
    unknown = next((each for each in named if each not in names), None)
    twice = next((each for each in given if given.count(each) > 1), None)
    missing = [each for each in required if each not in given]
    advice = None
    if unknown is not None:
        reason, near = say("explain.unknown_argument", kind=name, name=unknown), near_name(unknown, names)
        advice = f"{near}=" if near else None
    elif len(call.args) > len(positional):
        reason = say("explain.too_many_arguments", kind=name, most=len(positional), count=len(call.args))
    elif twice is not None:
        reason = say("explain.argument_twice", name=twice)
    elif missing and is_whole:
        reason = say("explain.missing_arguments", kind=name, names=", ".join(missing))
    else:
        return
    shown = ", ".join(each for each in names if each not in OUTSIDE)
    raise ArgumentError(reason, expected=f"{name}({shown})", got=ast.unparse(call), advice=advice)


def near_name(word: str, names: list[str]) -> str | None:
    """The name that a word begins, or looks most like.

    >>> near_name("kernel", ["in_channels", "kernel_size"]), near_name("strid", ["stride"])
    ('kernel_size', 'stride')
    """
    short = word.strip("_").lower()
    begun = [each for each in names if short and each.startswith(short)]
    near = difflib.get_close_matches(short, names, 1)
    return next(iter((*begun, *near)), None)
