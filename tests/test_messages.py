"""Both languages say the same: every sentence stands in both, with the same placeholders."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import knoll
from knoll.errors import ArgumentError, ShapeError
from knoll.language import set_language
from knoll.messages import LANGUAGES, catalogue, language, rooms, say

SOURCE = Path(knoll.__file__).parent
SENTENCES = [(room, name) for room in rooms() for name in catalogue(room)]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(("room", "name"), SENTENCES)
def test_both_languages(room: str, name: str) -> None:
    entry = catalogue(room)[name]
    assert set(entry) == set(LANGUAGES)
    assert placeholders(entry["en"]) == placeholders(entry["zh"])
    assert entry["en"].isascii() or not re.search(r"[\u4e00-\u9fff]", entry["en"])


def test_every_sentence_is_said_and_every_said_sentence_exists() -> None:
    files = [file for file in SOURCE.parent.parent.rglob("*.py") if not {".venv", ".ci-venv"} & {*file.parts}]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files if file != Path(__file__))
    known = {f"{room}.{name}" for room, name in SENTENCES}
    said = set(re.findall(r"say\(\s*[\"']([a-z_]+\.[a-z0-9_.]+)[\"']", code))
    assert said <= known, f"said, but in no catalogue: {sorted(said - known)}"
    words = set(re.findall(r"[\"'(, ]([a-z0-9_]+(?:\.[a-z0-9_]+)?)[\"'=]", code))
    joined = set(re.findall(r"say\(f[\"']([a-z_]+\.)([a-z0-9_]*)\{", code))  # f"train.root_{data}" and the like
    said |= {f"{room}{part}{word}" for room, part in joined for word in words} | words
    assert known <= said, f"in a catalogue, but never said: {sorted(known - said)}"


def test_language_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    set_language(None)
    monkeypatch.setenv("KNOLL_LANG", "zh_CN")
    assert language() == "zh"
    assert say("error.came") == "实为："
    set_language("en")
    try:
        assert say("error.came") == "came: "
    finally:
        set_language(None)
    with pytest.raises(ArgumentError, match="klingon"):
        set_language("klingon")  # type: ignore[arg-type]


def test_an_error_says_where_expected_came_and_try(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ShapeError("mat1 and mat2", expected="1024", came="1000", advice="Linear(1000, 64)").located("model1.7")
    monkeypatch.setenv("KNOLL_LANG", "en")
    assert str(error) == "mat1 and mat2\n  where: model1.7\n  expected: 1024\n  came: 1000\n  try: Linear(1000, 64)"
    assert isinstance(error, RuntimeError)
