"""The docstrings of layers, functions and optimisers: a sentence, every argument, the source."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from knoll import nn, optim
from knoll.nn import functional


def documented() -> Iterator[tuple[str, Any]]:
    """Layers, functions and optimisers, by their names."""
    for package in (nn, functional, optim):
        for name in package.__all__:
            value = getattr(package, name)
            if not inspect.ismodule(value):
                yield f"{package.__name__}.{name}", value


EVERYTHING = dict(documented())
BY_NAME = {name.rpartition(".")[2]: value for name, value in EVERYTHING.items()}
# Functions and bases that layers and optimizers stand on.
NOT_BY_A_LEARNER = {
    "knoll.nn.functional.multi_head_attention_forward", "knoll.optim.Optimizer", "knoll.nn.UninitializedBuffer",
    "knoll.nn.UninitializedParameter",
}  # fmt: skip


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_first_line_is_a_sentence(name: str) -> None:
    first = (inspect.getdoc(EVERYTHING[name]) or "").split("\n", 1)[0]
    assert first.endswith(".")
    assert len(first) <= 117


def named(name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """What a docstring names in backticks, and what those docstrings name that it refers to."""
    words = set(re.findall(r"`(?:[\w.]+\.)?(\w+)(?:=\w+)?`", inspect.getdoc(BY_NAME[name]) or ""))
    others = words & BY_NAME.keys() - seen - {name}
    return words.union(*(named(other, seen | {name, *others}) for other in others))


@pytest.mark.parametrize("name", [name for name in EVERYTHING if name not in NOT_BY_A_LEARNER])
def test_every_argument_is_explained(name: str) -> None:
    parameters = inspect.signature(EVERYTHING[name]).parameters.values()
    arguments = {p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) and p.name[0] != "_"}
    assert arguments - {"input", "target"} <= named(name.rpartition(".")[2])


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_source_is_named(name: str) -> None:
    text = inspect.getdoc(EVERYTHING[name]) or ""
    refers = any(word in BY_NAME for word in re.findall(r"`(?:[\w.]+\.)?(\w+)(?:\(\))?`", text))
    assert "https://" in text or refers
