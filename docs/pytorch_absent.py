"""The directive of the table of PyTorch's names: what is there, what is not, and why.

    ```{compared}
    ```

The names are those of `pytorch_names.toml`, which a tool writes; whether Knoll has them is asked of Knoll; why not is
said in `pytorch_absent.toml`, for patterns of names, the first of which that fits counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from directives import Computed
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from knoll.messages import Language

FOLDER = Path(__file__).parent
OURS = {
    "torch": "knoll",
    "torch.Tensor": "knoll.Tensor",
    "torch.nn": "knoll.nn",
    "torch.nn.functional": "knoll.nn.functional",
    "torch.optim": "knoll.optim",
    "torch.optim.lr_scheduler": "knoll.optim.lr_scheduler",
    "torch.func": "knoll.func",
    "torch.testing": "knoll.testing",
    "torch.utils.data": "knoll.data",
    "torchvision.transforms": "knoll.vision.transforms",
    "torchvision.transforms.v2": "knoll.vision.transforms.v2",
}


@cache
def names() -> dict[str, list[str]]:
    """The public names of PyTorch and torchvision by their module."""
    stored = tomllib.loads((FOLDER / "pytorch_names.toml").read_text(encoding="utf-8"))
    return {owner: stored[owner]["names"].split() for owner in OURS}


@cache
def reasons() -> dict[str, dict[str, str]]:
    """Why names are missing: the words in both languages, and a pattern or a list of names."""
    return tomllib.loads((FOLDER / "pytorch_absent.toml").read_text(encoding="utf-8"))


def missing(owner: str) -> list[str]:
    """The names that Knoll's module, or its `Tensor`, lacks."""
    module, _, last = OURS[owner].rpartition(".")
    holder: Any = getattr(import_module(module), last) if last[0].isupper() else import_module(OURS[owner])
    found = {name: getattr(holder, name, None) for name in names()[owner]}
    return [name for name, thing in found.items() if getattr(thing, "is_absent", not hasattr(holder, name))]


def why(owner: str, name: str) -> str | None:
    """The reason for which a name is missing; None where there is none."""
    for reason, words in reasons().items():
        if re.search(words.get("pattern", "(?!)"), name) or name in words.get(owner, "").split():
            return reason
    return None


def table(language: Language) -> Iterator[str]:
    """The lines of the table, in Markdown."""
    yield {"en": "| module | there | not there |", "zh": "| 模块 | 已有 | 没有 |"}[language]
    yield "|---|---:|---|"
    for owner, every in names().items():
        absent = missing(owner)
        groups: dict[str, list[str]] = {}
        for name in absent:
            groups.setdefault(str(why(owner, name)), []).append(f"`{name}`")
        told = [f"*{reasons()[reason][language]}*: {' '.join(found)}" for reason, found in groups.items()]
        yield f"| `{owner}` | {len(every) - len(absent)} / {len(every)} | {'<br>'.join(told)} |"


class ComparedDirective(Computed):
    """The table, in the language of the page."""

    def nodes(self) -> Iterator[nodes.Node]:
        """The table; none of it is looked up in the catalogue of the page."""
        for node in self.parse_text_to_nodes("\n".join(table(self.spoken))):
            for element in node.findall(nodes.TextElement):
                element.source = None
            yield node


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx the directive."""
    app.add_directive("compared", ComparedDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
