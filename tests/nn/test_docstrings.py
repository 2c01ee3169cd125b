"""The docstrings of everything public: an example runs when it is pasted alone, and the source is named."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from knoll import nn, optim
from knoll.nn import functional

PACKAGES = (
    "knoll.nn", "knoll.nn.functional", "knoll.nn.init", "knoll.nn.utils", "knoll.optim", "knoll.optim.lr_scheduler",
    "knoll.data", "knoll.interop", "knoll.vision.transforms", "knoll.vision.models", "knoll.vision.datasets",
    "knoll.train", "knoll.train.events",
)  # fmt: skip


def documented() -> Iterator[tuple[str, Any]]:
    """Layers, functions and optimisers, by their names."""
    for package in (nn, functional, optim):
        for name in package.__all__:
            value = getattr(package, name)
            if not inspect.ismodule(value):
                yield f"{package.__name__}.{name}", value


def with_examples() -> Iterator[tuple[str, Any]]:
    """Everything public, and its methods, whose docstrings have examples."""
    for package in map(importlib.import_module, PACKAGES):
        for name in package.__all__:
            value = getattr(package, name)
            methods = [(key, getattr(value, key)) for key in vars(value)] if inspect.isclass(value) else []
            for key, thing in [("", value), *((f".{key}", method) for key, method in methods if callable(method))]:
                if not inspect.ismodule(thing) and ">>>" in (thing.__doc__ or ""):
                    yield f"{package.__name__}.{name}{key}", thing


EVERYTHING = dict(documented())
EXAMPLES = dict(with_examples())
BY_NAME = {name.rpartition(".")[2]: value for name, value in EVERYTHING.items()}
# Functions and bases that layers and optimizers stand on.
NOT_BY_A_LEARNER = {
    "knoll.nn.functional.multi_head_attention_forward", "knoll.optim.Optimizer", "knoll.nn.UninitializedBuffer",
    "knoll.nn.UninitializedParameter",
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs_when_it_is_pasted_alone(name: str) -> None:
    text = inspect.getdoc(EXAMPLES[name]) or ""
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    told: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert not told, "".join(told)


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
