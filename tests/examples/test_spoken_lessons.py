"""The lessons speak the reader's language, and a page shows them in its own."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from lesson_program import in_language
from PIL import Image

import knoll
from knoll.language import set_language
from knoll.messages import LANGUAGES, Language

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "examples" / "lessons"
PROGRAMS = sorted(LESSONS.glob("*.py"))
NAMES = [path.stem for path in PROGRAMS if path.stem[0].isdigit()]
QUICK: dict[str, dict[str, Any]] = {
    "15_optimizer": {"epochs": 1, "count": 4},
    "18_train": {"epochs": 1, "count": 64},
    "20_test": {"picture": Path("picture.png")},
}
"""Arguments of the lessons that train, or look at a picture."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[a-z]+ [a-z]+ [a-z]+")  # three words in a row are no name of a layer and no code
PYTORCH = "Torch not compiled with CUDA enabled"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """What a program prints in a language, run where there is no data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(LESSONS)
    Image.new("RGBA", (100, 80)).save("picture.png")

    def run(path: Path, spoken: Language) -> str:
        knoll.manual_seed(0)
        set_language(spoken)
        runpy.run_path(str(path))["main"](**QUICK.get(path.stem, {}))
        return capsys.readouterr().out.replace(PYTORCH, "")

    return run


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_speaks_one_language_at_a_time(name: str, told: Any, tmp_path: Path) -> None:
    path = LESSONS / f"{name}.py"
    english, chinese = (told(path, spoken) for spoken in LANGUAGES)
    assert SENTENCE.search(english)
    assert not CHINESE.search(english)
    assert CHINESE.search(chinese)
    assert not SENTENCE.search(chinese), chinese
    for spoken, expected in (("en", english), ("zh", chinese)):
        shown = tmp_path / f"{name}.py"
        shown.write_text(in_language(path.read_text(encoding="utf-8"), spoken), encoding="utf-8")
        other = "zh" if spoken == "en" else "en"  # what a page shows says the same whatever KNOLL_LANG is
        if name not in ("17_save_and_load", "19_device"):  # which print errors, in the language spoken
            assert told(shown, other) == expected


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_is_shown_in_one_language(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if path.stem == "tell":
        return
    english, chinese = (in_language(source, spoken) for spoken in LANGUAGES)
    assert not CHINESE.search(english)
    assert "tell" not in english + chinese
    written = [line.partition("#")[2] for line in chinese.splitlines() if "# " in line]
    tree = ast.parse(chinese)
    documented = [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef))]
    written += [text for node in documented if (text := ast.get_docstring(node))]
    assert [text for text in written if not CHINESE.search(text)] == []
    assert english.count("#") == chinese.count("#")


def test_a_helper_alone_in_its_group_leaves_no_gap() -> None:
    alone = 'x = 1\n\nfrom tell import tell\n\nimport knoll\n\ntell(en="two words", zh="两个词")  # one / 一\n'
    assert in_language(alone, "zh") == 'x = 1\n\nimport knoll\n\nprint("两个词")  # 一\n'
    assert in_language(alone, "en") == 'x = 1\n\nimport knoll\n\nprint("two words")  # one\n'
    beside = "import pictures\nfrom tell import tell\n\nimport knoll\n"
    assert in_language(beside, "en") == "import pictures\n\nimport knoll\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_to_see_and_what_goes_wrong(name: str) -> None:
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "lessons").glob("*.md")]
    (section,) = (each for page in pages for each in page.split("\n## ") if f"```{{lesson}} {name}\n" in each)
    assert "\nWhat to see: " in section
    assert "\nWhat goes wrong: " in section
