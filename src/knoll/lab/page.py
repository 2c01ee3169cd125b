"""The page itself: a frame of HTML with its words in one language."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from knoll.draw.palette import DARK, LIGHT
from knoll.lab.families import families
from knoll.messages import Language, catalogue


@cache
def page(language: Language) -> str:
    """The page in a language: `{{name}}` in its file becomes the word of that name."""
    data = data_of(language)
    words = data["words"]
    text = resources.files("knoll.lab").joinpath("static", "index.html").read_text(encoding="utf-8")
    for name, word in words.items():
        text = text.replace("{{" + name + "}}", escape(word))
    written = json.dumps(data, ensure_ascii=False)
    text = text.replace("{{data}}", written.replace("<", "\\u003c"))
    return text.replace("{{lang}}", "zh-CN" if language == "zh" else "en").replace("{{colours}}", colours())


def data_of(language: Language) -> dict[str, Any]:
    """What the scripts of the page know: the language, its words, and the layers that can be picked."""
    words = {name: texts[language] for name, texts in catalogue("lab_page").items()}
    return {"language": language, "words": words, "families": families()}


def colours(root: str = ":root") -> str:
    """The palette of drawings as variables of an element, for light paper and for dark."""
    pairs = ";".join(f"--{name}:light-dark({LIGHT[name]},{DARK[name]})" for name in LIGHT)
    return f"{root}{{{pairs}}}"
