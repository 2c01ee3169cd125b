"""The page itself: a frame of HTML with its words in one language."""

from __future__ import annotations

import json
from functools import cache
from html import escape
from importlib import resources

from knoll.draw.palette import DARK, LIGHT
from knoll.lab.families import families
from knoll.messages import Language, catalogue


@cache
def page(language: Language) -> str:
    """The page in a language: `{{name}}` in its file becomes the word of that name."""
    words = {name: texts[language] for name, texts in catalogue("lab_page").items()}
    text = resources.files("knoll.lab").joinpath("static", "index.html").read_text(encoding="utf-8")
    for name, word in words.items():
        text = text.replace("{{" + name + "}}", escape(word))
    data = json.dumps({"language": language, "words": words, "families": families()}, ensure_ascii=False)
    text = text.replace("{{data}}", data.replace("<", "\\u003c"))
    return text.replace("{{lang}}", "zh-CN" if language == "zh" else "en").replace("{{colours}}", colours())


def colours() -> str:
    """The palette of drawings as variables, for light paper and for dark."""
    pairs = ";".join(f"--{name}:light-dark({LIGHT[name]},{DARK[name]})" for name in LIGHT)
    return f":root{{{pairs}}}"
