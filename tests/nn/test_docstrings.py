"""The docstrings of everything public: an example runs when it is pasted alone, and the source is named."""

from __future__ import annotations

import doctest
import inspect
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


@pytest.mark.parametrize("name", [name for name, value in EVERYTHING.items() if ">>>" in (value.__doc__ or "")])
def test_the_example_runs_when_it_is_pasted_alone(name: str) -> None:
    text = inspect.getdoc(EVERYTHING[name]) or ""
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    told: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert not told, "".join(told)


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_first_line_is_a_sentence(name: str) -> None:
    first = (inspect.getdoc(EVERYTHING[name]) or "").split("\n", 1)[0]
    assert first.endswith(".")
    assert len(first) <= 117
