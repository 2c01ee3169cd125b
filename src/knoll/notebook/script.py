"""The modules of the lab's page and of the widget as one module, since a widget cannot import files."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from posixpath import join, normpath

from knoll.document.html import style
from knoll.lab.page import colours

_IMPORT = re.compile(r'^import \{ ([^}]+) \} from "([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const) (\w+))", re.MULTILINE)
STYLES = ("lab/lab.css", "lab/served.css", "notebook/widget.css")


@cache
def script() -> str:
    """The module of the widget, with everything that it imports and its style."""
    done: dict[str, str] = {}
    _add("notebook/widget.js", done)
    css = "\n".join((colours(".knoll-lab"), style(), *map(_text, STYLES)))
    last = "export default { render: _notebook_widget.render };\n"
    return f"const STYLE = {json.dumps(css)};\n" + "".join(done.values()) + last


def _add(path: str, done: dict[str, str]) -> None:
    """Write a module, as a function that is called once, after those that it imports."""
    if path in done:
        return
    text, lines = _text(path), list[str]()
    for names, source in _IMPORT.findall(text):
        other = normpath(join(path.rpartition("/")[0], source))
        _add(other, done)
        lines.append(f"const {{ {names.replace(' as ', ': ')} }} = {_name(other)};\n")
    body = _EXPORT.sub("", _IMPORT.sub("", text))
    given = ", ".join(_EXPORT.findall(text))
    done[path] = f"const {_name(path)} = (() => {{\n{''.join(lines)}{body}return {{ {given} }};\n}})();\n"


def _name(path: str) -> str:
    """The constant that holds what a module exports.

    >>> _name("lab/views/layer.js")
    '_lab_views_layer'
    """
    return "_" + re.sub(r"\W", "_", path.removesuffix(".js"))


def _text(path: str) -> str:
    """A file of the page by its package and its name."""
    package, _, name = path.partition("/")
    return resources.files(f"knoll.{package}").joinpath("static", *name.split("/")).read_text(encoding="utf-8")
