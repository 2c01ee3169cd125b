"""The site in two languages: from every page a link to the same page in the other one, the theme's words in Chinese.

The languages stand beside each other, in folders named `en` and `zh`.
"""

from __future__ import annotations

import re

from knoll.messages import Language, say, sentence

THEME = (
    *("contents", "menu", "expand", "light", "dark", "auto_light", "auto_dark", "toggle_pages", "toggle_here"),
    *("toggle_colours", "skip", "top", "next", "previous", "on_this_page", "rights"),
)
"""The sentences of `site.toml` whose English is a text, or an attribute, of the theme."""
NAMES: dict[Language, tuple[Language, str, str]] = {"en": ("zh", "zh-CN", "中文"), "zh": ("en", "en", "English")}
"""The other language: its folder, its tag, and its own name."""

_MAIN = re.compile(r"(<article role=\"main\".*?</article>)", re.DOTALL)
_MADE = re.compile(r"Made with (<a [^>]*>Sphinx</a>) and (<a [^>]*>@\w+</a>)'s\s*(<a [^>]*>Furo</a>)")
_TOGGLE = re.compile(r'aria-label="Toggle navigation of ([^"]*)"')


def linked(page: str, place: str, spoken: Language) -> str:
    """A page with links to the same page in the other language, from its head, its bar and its corner."""
    folder, tag, name = NAMES[spoken]
    address = f"{'../' * (place.count('/') + 1)}{folder}/{place}"
    page = page.replace("</head>", f'<link rel="alternate" hreflang="{tag}" href="{address}">\n  </head>', 1)
    link = (
        f'<nav class="other-language" aria-label="{say("site.languages")}">'
        f'<a href="{address}" lang="{tag}" hreflang="{tag}">{name}</a></nav>'
    )
    return re.sub(r'<div class="(?:header-right|content-icon-container)">', rf"\g<0>{link}", page)


def translated(page: str) -> str:
    """A Chinese page whose bars, buttons and foot are Chinese, too: words that the theme says in English only."""
    parts = _MAIN.split(page)
    return "".join(part if _MAIN.fullmatch(part) else _in_chinese(part) for part in parts)


def _in_chinese(part: str) -> str:
    for name in THEME:
        words = sentence(f"site.theme_{name}")
        english, chinese = words.text("en"), words.text("zh")
        part = re.sub(rf"(?<=>)(\s*){re.escape(english)}(\s*)(?=<)", rf"\g<1>{chinese}\g<2>", part)
        part = part.replace(f'aria-label="{english}"', f'aria-label="{chinese}"')
    part = _TOGGLE.sub(lambda found: f'aria-label="{say("site.toggle", page=found[1])}"', part)
    return _MADE.sub(lambda found: say("site.made", sphinx=found[1], author=found[2], theme=found[3]), part)
