"""Both languages say the same: every sentence stands in both, with the same placeholders."""

from __future__ import annotations

import pickle
import re
import string
from pathlib import Path

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError, ShapeError
from knoll.language import set_language
from knoll.messages import LANGUAGES, Sentence, catalogue, language, packages, say, sentence
from knoll.messages.sentences import plural

SOURCE = Path(knoll.__file__).parent
SENTENCES = [(package, name) for package in packages() for name in catalogue(package)]


def fields(text: str) -> list[tuple[str, str]]:
    """The name and the format of each placeholder."""
    return [(name, form or "") for _, name, form, _ in string.Formatter().parse(text) if name is not None]


def names(text: str) -> set[str]:
    return {name for name, _ in fields(text)}


@pytest.mark.parametrize(("package", "name"), SENTENCES)
def test_both_languages(package: str, name: str) -> None:
    entry = catalogue(package)[name]
    assert set(entry) == set(LANGUAGES)
    assert names(entry["en"]) == names(entry["zh"])
    assert all(form.count("|") == 1 for _, form in fields(entry["en"]) if "|" in form)
    assert not any("|" in form for _, form in fields(entry["zh"])), "Chinese nouns have one form"
    assert entry["en"].isascii() or not re.search(r"[\u4e00-\u9fff]", entry["en"])


@pytest.mark.parametrize(("package", "name"), SENTENCES)
def test_a_sentence_ends_as_one_in_both_languages(package: str, name: str) -> None:
    entry = catalogue(package)[name]
    ends = [
        bool(re.search(rf"(?<!\.\.)\{stop}[)）`”]*$", entry[language]))
        for language, stop in (("en", "."), ("zh", "。"))
    ]
    assert ends[0] == ends[1] or entry["en"].endswith("...)"), entry


@pytest.mark.parametrize(("package", "name"), SENTENCES)
def test_chinese_has_its_own_punctuation(package: str, name: str) -> None:
    outside = re.sub(r"\([^()（）]*\)", "", catalogue(package)[name]["zh"])  # of shapes and formulas
    assert not re.search(r"[\u4e00-\u9fff](?:[,;!?](?!\w)|: |\.(?!\w))", outside), outside
    assert not re.search(r"[\u4e00-\u9fff]\w*[a-zA-Z0-9]{3}[\u4e00-\u9fff]", outside), outside


def test_every_sentence_is_said_and_every_said_sentence_exists() -> None:
    files = [file for file in SOURCE.parent.parent.rglob("*.py") if not {".venv", ".ci-venv"} & {*file.parts}]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files if file.name != Path(__file__).name)
    known = {f"{package}.{name}" for package, name in SENTENCES}
    said = set(re.findall(r"\b(?:say|sentence)\(\s*[\"']([a-z_]+\.[a-z0-9_.]+)[\"']", code))
    assert said <= known, f"said, but in no catalogue: {sorted(said - known)}"
    words = set(re.findall(r"[\"'(, ]([a-z0-9_]+(?:\.[a-z0-9_]+)?)[\"'=]", code))
    joined = set(
        re.findall(r"\b(?:say|sentence)\(f[\"']([a-z_]+\.)([a-z0-9_]*)\{", code)
    )  # f"train.root_{data}" and the like
    said |= {f"{package}{part}{word}" for package, part in joined for word in words} | words
    whole = set(re.findall(r"\bcatalogue\(\"([a-z_]+)\"\)", code))  # packages of which a name is found by its words
    known = {name for name in known if name.partition(".")[0] not in whole}
    assert known <= said, f"in a catalogue, but never said: {sorted(known - said)}"


def test_language_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    set_language(None)
    monkeypatch.setenv("KNOLL_LANG", "zh_CN")
    assert language() == "zh"
    assert say("error.got") == "实为："
    set_language("en")
    try:
        assert say("error.got") == "got: "
    finally:
        set_language(None)
    with pytest.raises(ArgumentError, match="klingon"):
        set_language("klingon")


def test_an_error_says_where_expected_came_and_try(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ShapeError("mat1 and mat2", expected="1024", got="1000", advice="Linear(1000, 64)").located("model1.7")
    monkeypatch.setenv("KNOLL_LANG", "en")
    assert str(error) == "mat1 and mat2\n  where: model1.7\n  expected: 1024\n  got: 1000\n  try: Linear(1000, 64)"
    assert isinstance(error, RuntimeError)


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few entries with placeholders of every kind."""
    texts = {
        "looked": ("Each output looks at {pixels:# pixel|# pixels}.", "每个输出看 {pixels:,} 个像素。"),
        "number": ("{number:g}, {number}", "{number:g}，{number}"),
        "twice": ("{first} {rest}", "{first}{rest}"),
        "listed": ("modes: {modes}; shape {shape}", "模式：{modes}；形状 {shape}"),
        "share": ("{share:.1%} of `{name}`, {name!r}", "`{name}`（{name!r}）的 {share:.1%}"),
    }
    package = {name: {"en": en, "zh": zh} for name, (en, zh) in texts.items()}
    real = catalogue
    monkeypatch.setattr("knoll.messages.entries.catalogue", lambda name: package if name == "sample" else real(name))


@pytest.mark.usefixtures("entries")
def test_a_sentence_is_said_in_either_language() -> None:
    found = sentence("sample.looked", pixels=12_354_176)
    assert str(found) == "Each output looks at 12,354,176 pixels."
    assert found.text("zh") == "每个输出看 12,354,176 个像素。"
    set_language("zh")
    assert str(found) == found.text("zh") == say("sample.looked", pixels=12_354_176)
    assert found.text("en") != found.text("zh")


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    ("number", "text"), [(-0.5, "−0.5"), (-1e-5, "−1e-05"), (-0.0, "0"), (float("-inf"), "−∞"), (2.0, "2")]
)
def test_a_number_in_a_text_has_a_minus_sign(number: float, text: str) -> None:
    assert str(sentence("sample.number", number=number)) == f"{text}, {number}"


@pytest.mark.usefixtures("entries")
def test_one_pixel_has_no_plural() -> None:
    assert [str(sentence("sample.looked", pixels=n)) for n in (0, 1, 2)] == [
        "Each output looks at 0 pixels.",
        "Each output looks at 1 pixel.",
        "Each output looks at 2 pixels.",
    ]
    assert plural(1.0, "# time|# times") == "1.0 times"
    assert plural(-1, "# row|# rows") == "-1 row"


@pytest.mark.usefixtures("entries")
def test_sentences_hold_sentences_and_lists() -> None:
    inner = sentence("sample.looked", pixels=1)
    outer = sentence("sample.twice", first=inner, rest=sentence("sample.looked", pixels=2))
    assert str(outer) == "Each output looks at 1 pixel. Each output looks at 2 pixels."
    assert outer.text("zh") == "每个输出看 1 个像素。每个输出看 2 个像素。"
    listed = sentence("sample.listed", modes=["zeros", "reflect", inner], shape=(3, 32, 32))
    assert str(listed) == "modes: zeros, reflect, Each output looks at 1 pixel.; shape (3, 32, 32)"
    assert listed.text("zh") == "模式：zeros、reflect、每个输出看 1 个像素。；形状 (3, 32, 32)"


@pytest.mark.usefixtures("entries")
def test_sentences_are_values() -> None:
    first = sentence("sample.listed", modes=["a"], shape=(np.int64(3), np.int32(2)))
    assert first == sentence("sample.listed", shape=(3, 2), modes=("a",))
    assert len({first, pickle.loads(pickle.dumps(first))}) == 1
    assert first.values == (("modes", ("a",)), ("shape", (3, 2)))
    assert sentence("sample.looked", pixels=np.float32(0.1)).values == (("pixels", 0.1),)
    assert repr(sentence("sample.looked", pixels=np.float64(0.1)).values) == "(('pixels', 0.1),)"


@pytest.mark.usefixtures("entries")
def test_what_a_text_format_means_in_a_value_is_quoted() -> None:
    share = sentence("sample.share", share=0.25, name="a`b")
    assert str(share) == "25.0% of `a`b`, 'a`b'"
    assert share.text("en", quote=lambda text: text.replace("`", "|")) == "25.0% of `a|b`, 'a|b'"
    outer = sentence("sample.twice", first=share, rest="`")
    assert outer.text("en", quote=lambda text: text.replace("`", "|")) == "25.0% of `a|b`, 'a|b' |"


@pytest.mark.usefixtures("entries")
def test_a_sentence_that_cannot_be_said_is_refused_when_it_is_made() -> None:
    with pytest.raises(LookupError, match=r"no sentence 'sample\.nothing'"):
        sentence("sample.nothing")
    with pytest.raises(LookupError, match=r"no sentence 'nowhere\.looked'"):
        sentence("nowhere.looked")
    with pytest.raises(LookupError, match="no sentence 'looked'"):
        sentence("looked", pixels=1)
    with pytest.raises(TypeError, match="without a value: pixels; without a placeholder: rows"):
        sentence("sample.looked", rows=1)
    with pytest.raises(TypeError, match="without a value: –; without a placeholder: rows"):
        Sentence("sample.looked", (("pixels", 1), ("rows", 1)))
    with pytest.raises(ValueError, match="'many' to choose"):
        sentence("sample.looked", pixels="many")
    with pytest.raises(TypeError, match="pixels is dict"):
        sentence("sample.looked", pixels={})
    with pytest.raises(ValueError, match="a form for one and a form for other counts"):
        plural(1, "one|two|three")
