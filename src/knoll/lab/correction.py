"""A text that makes no layer, corrected into the nearest one that does: its punctuation, names and arguments."""

from __future__ import annotations

import ast
import difflib
import keyword
import re
from typing import Any

from knoll.analysis.arguments import signature
from knoll.explain.reading import KINDS
from knoll.explain.words import CARDS
from knoll.explain.wrong_text import FULL_WIDTH, near_name
from knoll.lab.families import BEGIN, families
from knoll.nn import Module, Sequential

ELSEWHERE = {
    "dense": "Linear", "fc": "Linear", "fullyconnected": "Linear", "conv": "Conv2d", "convolution2d": "Conv2d",
    "conv2dtranspose": "ConvTranspose2d", "maxpooling2d": "MaxPool2d", "averagepooling2d": "AvgPool2d",
    "globalaveragepooling2d": "AdaptiveAvgPool2d", "globalmaxpooling2d": "AdaptiveMaxPool2d",
    "batchnormalization": "BatchNorm2d", "batchnorm": "BatchNorm2d", "zeropadding2d": "ZeroPad2d", "swish": "SiLU",
}  # fmt: skip
"""Names that layers have in other libraries, in small letters."""
LONGEST = 1000  # letters that are corrected


def corrected(text: str) -> str | None:
    """The text of the nearest layer, or of layers one after another; None where no layer is named.

    >>> corrected("conv2d（3, 6, kernel=3"), corrected("Dense(10, 5)"), corrected("ReLU"), corrected("a")
    ('Conv2d(3, 6, kernel_size=3)', 'Linear(10, 5)', 'ReLU()', None)

    What can be read is left as it is:

    >>> corrected("nn.Conv2d(3,6, 3)")
    'nn.Conv2d(3,6, 3)'
    """
    expression = _read(text)
    if expression is None:
        return None
    before = ast.unparse(expression)
    found = _layer(expression)
    if found is None:
        return None
    after = ast.unparse(found)
    is_read = after == before and _parsed(text) is not None
    return text if is_read else after


def usual(text: str) -> str:
    """A layer that is possible: of the kind that a text names, else the one that the lab begins with."""
    kind = text.partition("(")[0].rpartition(".")[2]
    shown = {name: layer for layers in families().values() for name, layer in layers.items()}
    return shown.get(kind, shown["Conv2d"])


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _read(text: str) -> ast.expr | None:
    """The expression that a text is with one mistake of punctuation after another corrected."""
    found = _parsed(text)
    if found is not None or len(text) > LONGEST:
        return found
    for mend in (_plain, _bare, _without_keywords, _called, _closed, _with_commas):
        text = mend(text)
        found = _parsed(text)
        if found is not None:
            return found
    return None


def _plain(text: str) -> str:
    """With the punctuation of programs in place of that of Chinese texts."""
    return (
        text.translate({ord(wide): plain for wide, plain in FULL_WIDTH.items()}).replace("、", ",").replace("，", ",")
    )


def _bare(text: str) -> str:
    """Without what it is assigned to, and without what stands after it."""
    return re.sub(r"^\s*[\w.]+\s*=(?!=)\s*", "", text.strip()).rstrip(" ;,.:")


def _without_keywords(text: str) -> str:
    """With names of arguments that are no words of Python's own, as `in` is."""
    return re.sub(r"\b(\w+)(\s*=)", lambda found: found[1] + "_" * keyword.iskeyword(found[1]) + found[2], text)


def _called(text: str) -> str:
    """With brackets around what follows a name."""
    return re.sub(r"^([A-Za-z_][\w.]*)[\s:]+([^(]+)$", r"\1(\2)", text)


def _closed(text: str) -> str:
    """With every bracket closed, and none that was not opened."""
    kept, depth = "", 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            depth = 0
        else:
            kept += letter
    return kept + ")" * depth


def _with_commas(text: str) -> str:
    return re.sub(r"(?<=[\w)\]'\"])\s+(?=[\w'\"(])", ", ", text)


def _layer(expression: ast.expr) -> ast.expr | None:
    """The layer that an expression may mean; several are put into a sequence."""
    match expression:
        case ast.Tuple(elts) | ast.List(elts):
            layers = [each for each in map(_layer, elts) if each is not None]
            return ast.Call(ast.Name("Sequential"), layers, []) if layers else None
        case ast.Call(func=ast.Call() as inner):
            return _layer(inner)
        case ast.Name() | ast.Attribute():
            return _layer(ast.Call(expression, [], []))
        case ast.Call():
            return _call(expression)
    return None


def _call(call: ast.Call) -> ast.Call | None:
    prefix, _, name = ast.unparse(call.func).rpartition(".")
    near = _kind(name)
    if near is None:
        return None
    kind = KINDS[near]
    function = ast.parse(f"nn.{near}" if prefix in ("nn", "torch.nn", "knoll.nn") else near, mode="eval").body
    if prefix.rpartition(".")[2] in ("F", "functional"):  # which is given the numbers first
        call = ast.Call(call.func, call.args[1:], call.keywords)
    if issubclass(kind, Sequential):
        parts = [inner for each in call.args for inner in (each.elts if isinstance(each, ast.List) else [each])]
        return ast.Call(function, [each for each in map(_layer, parts) if each is not None], [])
    if not signature(kind):
        return ast.Call(function, call.args, call.keywords)
    return ast.Call(function, *_arguments(kind, call))


def _kind(name: str) -> str | None:
    """The kind of layers that a name means: by its letters, by what another library calls it, by its looks."""
    small = {each.lower(): each for each in KINDS}
    word = name.lower()
    known = name if name in KINDS else small.get(word) or ELSEWHERE.get(word)
    near = [known] if known else difflib.get_close_matches(word, small, 1, 0.65)
    return small.get(near[0], near[0]) if near else None


def _arguments(kind: type[Module], call: ast.Call) -> tuple[list[ast.expr], list[ast.keyword]]:
    """The arguments that there are, with values; those that are missing have the values of an example."""
    names = list(signature(kind))
    usual = BEGIN.get(kind, CARDS[kind].example if kind in CARDS else {})
    given = [_value(kind, name, each, usual) for name, each in zip(names, call.args, strict=False)]
    left, named = names[len(given) :], list[ast.keyword]()
    for each in call.keywords:
        near = each.arg if each.arg in names else near_name(each.arg or "", left)
        if near in left:
            left.remove(near)
            named.append(ast.keyword(near, _value(kind, near, each.value, usual)))
    missing = [each for each in left if signature(kind)[each].default is signature(kind)[each].empty]
    while missing and not named and missing[0] == names[len(given)]:
        given.append(_example(usual, missing.pop(0)))
    return given, [*named, *(ast.keyword(each, _example(usual, each)) for each in missing)]


def _example(usual: Any, name: str) -> ast.expr:
    return ast.Constant(usual.get(name, 1))


def _value(kind: type[Module], name: str, value: ast.expr, usual: Any) -> ast.expr:
    """A literal: what is a name without quotation marks, or a number within them; else the value of an example."""
    default = signature(kind)[name].default
    match value:
        case ast.Name(id=word) if word.title() in ("True", "False", "None"):
            return ast.parse(word.title(), mode="eval").body
        case ast.Name(id=word) if kind in CARDS and name in CARDS[kind].arguments:
            texts = [each for each in CARDS[kind].arguments[name].values if isinstance(each, str)]
            near = difflib.get_close_matches(word, texts, 1)
            if near:
                return ast.Constant(near[0])
        case ast.Constant(value=str() as text) if re.fullmatch(r"\d+", text):
            return ast.Constant(int(text))
        case ast.Call() if (layer := _layer(value)) is not None:
            return layer
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError):
        return ast.Constant(usual[name] if name in usual or default is signature(kind)[name].empty else default)
    return value
