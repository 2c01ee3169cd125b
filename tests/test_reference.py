"""The API reference has every public name once, each with a sentence in Chinese and an example that runs alone."""

from __future__ import annotations

import doctest
import inspect
import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from public import Public, chinese_sentences, chosen, public_members, public_names

import knoll

PAGES = sorted((Path(__file__).parent.parent / "docs" / "reference").glob("*.md"))
DIRECTIVE = re.compile(r"^```\{names\} ([\w.]+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def offered(owner: str) -> list[str]:
    """The public names of a module, or the methods of `Tensor`; names of element types are told in a sentence."""
    if owner == "knoll.Tensor":
        return public_members(knoll.Tensor)
    module = import_module(owner)
    return [name for name in public_names(module) if not isinstance(getattr(module, name), np.dtype)]


def listed() -> dict[str, list[str]]:
    """The names on the pages of the reference, by the module that offers them."""
    found: dict[str, list[str]] = {}
    for page in PAGES:
        for owner, names in DIRECTIVE.findall(page.read_text(encoding="utf-8")):
            found.setdefault(owner, []).extend(chosen(names.split(), offered(owner)))
    return found


def test_every_public_name_is_listed_once() -> None:
    pages = listed()
    told = {id(Public(owner, name).thing) for owner, names in pages.items() for name in names}
    missing = [
        f"{owner}.{name}" for owner in pages for name in offered(owner) if id(Public(owner, name).thing) not in told
    ]
    assert missing == [], "write them into a page of docs/reference/"
    twice = {owner: [name for name, count in Counter(names).items() if count > 1] for owner, names in pages.items()}
    assert not any(twice.values()), twice


def test_every_public_package_has_a_page() -> None:
    packages = {name for name in knoll.__all__ if inspect.ismodule(getattr(knoll, name))} - {"cuda", "vision"}
    assert packages <= {owner.split(".")[1] for owner in listed() if "." in owner}


@pytest.mark.parametrize("owner", listed())
def test_every_public_name_has_a_sentence_in_chinese(owner: str) -> None:
    missing = [name for name in listed()[owner] if not Public(owner, name).chinese]
    assert missing == [], "write a sentence into docs/locale/zh_CN/reference.toml"
    assert set(chinese_sentences().get(owner, {})) <= {*offered(owner), *listed()[owner]}


def with_examples() -> Iterator[tuple[str, Any]]:
    """What stands on the pages, and its members, where the docstring has an example."""
    for owner, names in listed().items():
        for name in names:
            thing = Public(owner, name).thing
            members = (
                [(f".{key}", getattr(thing, key)) for key in public_members(thing)] if inspect.isclass(thing) else []
            )
            for key, each in [("", thing), *members]:
                if ">>>" in (each.__doc__ or ""):
                    yield f"{owner}.{name}{key}", each


EXAMPLES = dict(with_examples())
# Where a function needs no file and opens no picture
COMPUTING = ("analysis", "autograd", "distributions", "func", "linalg", "nn", "optim", "random", "testing")


@pytest.mark.parametrize("owner", [name for name in listed() if name == "knoll" or name.split(".")[1] in COMPUTING])
def test_every_function_that_computes_has_an_example(owner: str) -> None:
    docstrings = {
        name: inspect.getdoc(thing) or ""
        for name in listed()[owner]
        if inspect.isfunction(thing := Public(owner, name).thing)
    }
    assert not [name for name, text in docstrings.items() if ">>>" not in text and "by an older name" not in text]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_runs_when_it_is_pasted_alone(name: str) -> None:
    text = inspect.getdoc(EXAMPLES[name]) or ""
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    told: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=told.append)
    assert not told, "".join(told)


def test_a_method_of_every_kind_is_found() -> None:
    methods = set(public_members(knoll.Tensor))
    assert {"sum", "relu_", "shape", "backward", "T"} <= methods
    assert methods == {name for name in dir(knoll.Tensor) if not name.startswith("_")}
    assert "parameters" in public_members(knoll.nn.Module)
    assert "parameters" not in public_members(knoll.nn.Sequential)


def test_signatures_are_as_one_writes_the_call() -> None:
    assert Public("knoll.nn", "MaxPool2d").signature.startswith("(kernel_size: Size, stride: Size | None = None,")
    assert Public("knoll.Tensor", "sum").signature.startswith("(dim: Dims = None, keepdim: bool = False,")
    assert Public("knoll.Tensor", "shape").signature == ""
    assert Public("knoll", "cat").signature == "(tensors: Sequence[T], dim: int = 0, *, out: T | None = None) -> T"
    assert ", *, maximize: bool = False," in Public("knoll.optim", "SGD").signature
    assert Public("knoll.train.Configuration", "recipe").signature == "(data: str = 'digits', **chosen: Any) -> Self"


def test_docstrings_become_markdown() -> None:
    told = Public("knoll", "show").docstring
    assert "- `module`: a layer or a network." in told.rest
    assert [each.count(">>>") for each in told.examples] == [2]
    assert "<https://pytorch.org/docs/stable/generated/torch.cat.html>" in Public("knoll", "cat").docstring.rest


def test_what_the_page_for_users_of_pytorch_says_is_missing_is_missing() -> None:
    page = (PAGES[0].parent.parent / "pytorch.md").read_text(encoding="utf-8")
    items = re.findall(r"^- (.*?):", page.partition("## What does not exist")[2], re.MULTILINE)
    named = [name for item in items for name in re.findall(r"`([\w.]+)`", item)]
    assert len(named) >= 10
    for name in named:
        owner, _, last = name.rpartition(".")
        holder = knoll if owner == "knoll" else getattr(knoll, owner)
        assert getattr(getattr(holder, last, None), "is_absent", not hasattr(holder, last)), f"{name} exists"
