"""The READMEs name everything there is, and the map of packages is the map of folders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import knoll
from knoll import nn, optim
from knoll.errors import ShapeError
from knoll.language import set_language
from knoll.messages import Language
from knoll.vision import datasets
from knoll.vision.models import list_models, practice

ROOT = Path(__file__).parent.parent
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
# Older names of what is there, and what stands in for a parameter without a shape.
NOT_NAMED = {"NLLLoss2d", "UninitializedBuffer", "UninitializedParameter"}
ABSTRACT = {"ArrayImages", "LabelledImages", "Optimizer"}


def public() -> set[str]:
    """Layers, optimisers, data sets and networks."""
    classes = {name for package in (nn, optim, datasets) for name in package.__all__ if name[0].isupper()}
    return classes - NOT_NAMED - ABSTRACT | set(list_models())


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_everything_is_named(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert public() <= set(re.findall(r"`(\w+)`", text))
    packages = {path.name for path in (ROOT / "src/knoll").iterdir() if (path / "__init__.py").exists()}
    assert packages <= set(re.findall(r"`(\w+)/`", text))


def test_both_readmes_name_the_same() -> None:
    english, chinese = (
        re.findall(r"`([^`\n]+)`", (ROOT / name).read_text("utf-8")) for name in ("README.md", "README.zh.md")
    )
    assert sorted(set(english)) == sorted(set(chinese))


@pytest.mark.parametrize(("readme", "language"), [("README.md", "en"), ("README.zh.md", "zh")])
def test_the_error_is_what_the_network_says(readme: str, language: Language) -> None:
    net = practice()
    net.model1[7] = nn.Linear(1000, 64)
    try:
        set_language(language)
        with pytest.raises(ShapeError) as error:
            net(knoll.ones(64, 3, 32, 32))
        said = str(error.value)
    finally:
        set_language(None)
    assert f"```\n{said}\n```" in (ROOT / readme).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_files_that_are_named_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:[a-z_0-9]+/)+[a-z_0-9]+\.(?:py|ll))`", text)
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    missing = [file for file in named if not (ROOT / file).exists() and not (ROOT / "src/knoll" / file).exists()]
    missing += [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_functions_that_are_named_with_their_file_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for name, file in re.findall(r"`(\w+)` in\s+`((?:[a-z_0-9]+/)+[a-z_0-9]+\.py)`", text):
        source = (ROOT / "src/knoll" / file).read_text(encoding="utf-8")
        assert re.search(rf"^(?:def|class) {name}\b|^{name}\b.*=", source, re.MULTILINE), f"{name} in {file}"


def test_the_walk_names_files_and_functions() -> None:
    text = (ROOT / "docs/walk.md").read_text(encoding="utf-8")
    assert len(re.findall(r"`(\w+)` in\s+`", text)) >= 4


def test_every_environment_variable_has_a_row() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "src" / "knoll").rglob("*.py"))
    page = (ROOT / "docs" / "command_line.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(KNOLL_[A-Z]+)` \|", page, re.MULTILINE)) == sorted(
        set(re.findall(r"KNOLL_[A-Z]+", source))
    )
