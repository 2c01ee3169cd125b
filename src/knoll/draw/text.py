"""Words in a picture: in which language, in which font, and how wide they are.

One scale of four sizes serves all pictures. Widths are estimates that err on the wide side, since a browser sets the
text in whichever of the fonts it has.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from knoll.messages import LANGUAGES, Language, Sentence

TITLE, NUMBER, BODY, LABEL = 16.0, 15.0, 14.0, 12.0

CHINESE_FONTS = (
    "'Noto Sans SC','Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Hiragino Sans GB','Microsoft YaHei',"
    "'WenQuanYi Micro Hei'"
)
FONTS = f"'Noto Sans','Segoe UI','Helvetica Neue',Arial,{CHINESE_FONTS},sans-serif"

Words = str | Sentence

_BACKTICK = "\x1a"
_NARROW = dict.fromkeys("ijlI|!.,:;'`", 0.3) | dict.fromkeys('ftr()[]{}/\\ -"·', 0.4)
_WIDE = dict.fromkeys("−+=<>×≤≥", 0.7) | dict.fromkeys("mw%@", 0.88) | dict.fromkeys("MW", 0.95)
# What stays together at the end of a line: a word or one Chinese character, with the marks around it.
_WIDE_ONES, _OPEN, _CLOSE = "\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60", "（「『《“‘", "，。、；：？！）」』》”’"
_PIECE = re.compile(rf"[{_OPEN}]*(?:[^\s{_WIDE_ONES}{_OPEN}]+|[{_WIDE_ONES}])[{_CLOSE}]*\s*|\s+|.")


def said(words: Words, language: Language) -> str:
    """Words in a language; a string is itself in every language. Backticks around code are left out.

    >>> from knoll.messages import sentence
    >>> said(sentence("draw.keys"), "en")
    '← → step, space plays or pauses.'
    """
    if isinstance(words, str):
        return words
    return words.text(language, quote=_keep).replace("`", "").replace(_BACKTICK, "`")


def _keep(value: str) -> str:
    """The text of a value, whose own backticks stay."""
    return value.replace("`", _BACKTICK)


@lru_cache(4096)
def width(words: Words, size: float) -> float:
    """How wide words are, in the language in which they are wider.

    >>> width("stride=2", 10) < width("stride=2 步长", 10)
    True
    """
    texts = {said(words, language) for language in LANGUAGES}
    return size * max(sum(map(_advance, text)) for text in texts)


def _advance(character: str) -> float:
    """The width of a character at size 1."""
    if character in _NARROW:
        return _NARROW[character]
    if character in _WIDE:
        return _WIDE[character]
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if unicodedata.combining(character):
        return 0.0
    return 0.69 if character.isupper() else 0.6


def lines(text: str, size: float, room: float) -> list[str]:
    """The text in lines no wider than the room; Chinese breaks between any two characters, but not before a mark.

    >>> lines("the window walks over the image", 10, 100)
    ['the window walks', 'over the image']
    >>> lines("窗口在图像上滑动。", 10, 80)
    ['窗口在图像上滑', '动。']
    """
    found, line = [], ""
    for piece in _PIECE.findall(text):
        if line and width((line + piece).rstrip(), size) > room:
            found.append(line.rstrip())
            line = ""
        line += piece
    return [*found, line.rstrip()]
