"""Sentences of the catalogue with their values, said at once or kept for both languages."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Rational, Real
from typing import SupportsFloat, SupportsIndex, TypeAlias, TypeGuard

from knoll.messages.entries import entry, placeholders
from knoll.messages.equalities import told_exactly
from knoll.messages.spoken import LANGUAGES, Language, language

Value: TypeAlias = "Sentence | str | int | float | tuple[Value, ...] | None"
Given: TypeAlias = "Sentence | str | SupportsIndex | SupportsFloat | Sequence[Given] | None"

_COMMA: dict[Language, str] = {"en": ", ", "zh": "、"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the catalogue with its values, not yet in a language; `sentence` makes one.

    Its values are sorted by name; they may be sentences themselves.

    Raises LookupError for an id that the catalogue lacks, TypeError where values and placeholders differ, ValueError
    for a value that its placeholder cannot show.
    """

    id: str
    values: tuple[tuple[str, Value], ...] = ()

    def __post_init__(self) -> None:
        try:
            expected = placeholders(self.id)
        except (KeyError, FileNotFoundError):
            raise LookupError(say("messages.unknown_sentence", identifier=self.id)) from None
        got = {name for name, _ in self.values}
        if got != expected:
            missing, superfluous = (sorted(names) or ("–",) for names in (expected - got, got - expected))
            raise TypeError(say("messages.values", identifier=self.id, missing=missing, superfluous=superfluous))
        for each in LANGUAGES:
            self.text(each)

    def text(self, language: Language | None = None, *, quote: Callable[[str], str] = str) -> str:
        """The sentence in a language, else in the one spoken now.

        `quote` is applied to the text of every value; what a text format does with the words of the catalogue, as
        `code` in backticks, it then does not do with a value.

        >>> sentence("messages.language", language="fr").text("zh")
        "Knoll 支持 'en' 与 'zh'，不支持 'fr'。"
        """
        return told_exactly(_formatted(self.id, language, dict(self.values), quote))

    def __str__(self) -> str:
        return self.text()


def sentence(identifier: str, /, **values: Given) -> Sentence:
    """The sentence `package.name` with its values, to be said in either language later.

    Numbers of NumPy become Python's, lists become tuples.

    >>> str(sentence("messages.language", language="fr"))
    "Knoll speaks 'en' and 'zh', not 'fr'."
    """
    return Sentence(identifier, tuple((name, _value(values[name], identifier, name)) for name in sorted(values)))


def say(identifier: str, /, **values: object) -> str:
    """The sentence `package.name` in the language spoken now, with its `{placeholders}` filled."""
    try:
        return _formatted(identifier, None, values, str)
    except OSError:  # no file can be opened any more, which may be what there is to say
        return ", ".join([identifier, *(f"{key}: {value}" for key, value in values.items())])


def _formatted(
    identifier: str, spoken: Language | None, values: Mapping[str, object], quote: Callable[[str], str]
) -> str:
    spoken = spoken or language()
    return _Filling(spoken, quote).vformat(entry(identifier)[spoken], (), values)


class _Filling(string.Formatter):
    """Fills the placeholders of a sentence in one language.

    Beside Python's formats there is `{count:# pixel|# pixels}`: the form for one, and that for any other count; `#`
    stands for the number. A number with a format has a minus sign and not a hyphen; one without stands as in a program.
    """

    def __init__(self, language: Language, quote: Callable[[str], str]) -> None:
        self._language: Language = language
        self._quote = quote

    def format_field(self, value: object, format_spec: str) -> str:
        if "|" in format_spec:
            return plural(value, format_spec)
        if isinstance(value, Sentence):
            text = _formatted(value.id, self._language, dict(value.values), self._quote)
            return format(text, format_spec)
        if _is_list(value):
            return format(_COMMA[self._language].join(self.format_field(item, "") for item in value), format_spec)
        text = format(value, format_spec)
        is_prose = bool(format_spec) and isinstance(value, Real) and not isinstance(value, bool)
        return self._quote(_in_prose(text) if is_prose else text)


def _in_prose(number: str) -> str:
    """A number as a text writes it: −0.5 with a minus sign, 0 without one, ∞."""
    number = number.replace("inf", "∞").replace("nan", "NaN")
    if not number.lstrip().startswith("-"):
        return number
    return number.replace("-", "−" if re.search("[1-9∞]", number) else "", 1)


def _is_list(value: object) -> TypeGuard[Sequence[str | Sentence]]:
    """Are these texts to be listed? Numbers in a tuple are a shape: (3, 32, 32)."""
    return isinstance(value, tuple | list) and bool(value) and all(isinstance(item, str | Sentence) for item in value)


def plural(count: object, forms: str) -> str:
    """The form for a count: the first for one, the second for any other, with `#` replaced by the count.

    Raises ValueError for what is no number, and for more or fewer than two forms.

    >>> plural(1, "# pixel|# pixels"), plural(1024, "# pixel|# pixels"), plural(2, "stands|stand")
    ('1 pixel', '1,024 pixels', 'stand')
    """
    one, _, other = forms.partition("|")
    if not isinstance(count, Real) or isinstance(count, bool) or "|" in other:
        raise ValueError(say("messages.plural", count=count, forms=forms))
    is_one = isinstance(count, Integral) and abs(count) == 1
    return (one if is_one else other).replace("#", f"{count:,}")


def _value(value: Given, identifier: str, name: str) -> Value:
    if value is None or isinstance(value, Sentence | bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, float | Rational):
        return float(value)
    if isinstance(value, Real):  # the shortest text of a number in less than double precision is what a reader expects
        return float(str(value))
    if isinstance(value, tuple | list):
        return tuple(_value(item, identifier, name) for item in value)
    raise TypeError(say("messages.value", identifier=identifier, name=name, kind=type(value).__name__))
