"""The directive of the API reference.

    ```{names} knoll.nn
    Conv2d ConvTranspose2d             without any names, all that the module or the class has
    ```

    ```{names} knoll.Tensor
    *_                                 those that match; `!*_`: all that do not
    ```

Docstrings are in English. A page in Chinese begins each name with the sentence of `locale/zh_CN/reference.toml`, and
folds the docstring. What explains the arguments of layers, optimisers and schedules is in the language of the page.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import import_module

from directives import Computed, without_headings
from docutils import nodes
from public import Public, chosen, public_members, public_names
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from knoll import Tensor, nn
from knoll.document import Document
from knoll.document.html import fragment
from knoll.explain import explanation_of
from knoll.explain.made import made
from knoll.explain.training.all_cards import TRAINING
from knoll.explain.training.builder import explained
from knoll.explain.training.recipe import Recipe
from knoll.explain.training.setup import Setup
from knoll.explain.words import CARDS
from knoll.messages import say

CHAPTERS: dict[object, str] = {
    nn.Conv2d: "conv2d/index",
    nn.MaxPool2d: "max_pool2d/index",
    nn.MaxUnpool2d: "unpooling",
    nn.Linear: "linear",
    nn.Flatten: "linear",
    nn.BatchNorm1d: "batch_norm",
    nn.BatchNorm2d: "batch_norm",
    nn.Sequential: "sequential",
    **dict.fromkeys((nn.ReLU, nn.Sigmoid, nn.Tanh, nn.LeakyReLU, nn.GELU), "activations"),
}
"""The chapter of the note about a layer."""
OUTER, INNER = "`" * 8, "`" * 6


def explanation(kind: type) -> Document | None:
    """The example of a layer, an optimiser or a schedule explained; None where there are no words for it."""
    if card := CARDS.get(kind):
        layer = kind(**{name: made(value) for name, value in card.example.items()})
        with warnings.catch_warnings(action="ignore"):  # PyTorch's own, about the default of KLDivLoss
            return explanation_of(layer, *card.inputs(layer)).document()
    if course := TRAINING.get(kind):
        return explained(Setup(Recipe(kind, course.example))).document()
    return None


class NamesDirective(Computed):
    """Names of a module or of a class: signature, words, an example, the arguments explained, methods."""

    required_arguments = 1

    def nodes(self) -> Iterator[nodes.Node]:
        """A description for each name; none of it is looked up in the catalogue of the page."""
        owner = self.arguments[0]
        everything = public_members(Tensor) if owner == "knoll.Tensor" else public_names(import_module(owner))
        for name in chosen(" ".join(self.content).split(), everything):
            text = "\n".join(self._described(Public(owner, name), OUTER))
            for node in self.parse_text_to_nodes(text):
                for element in node.findall(nodes.TextElement):
                    element.source = None
                yield node

    def _described(self, public: Public, fence: str) -> Iterator[str]:
        yield f"{fence}{{py:{public.kind}}} {self._prefix(public)}{public.name}{public.signature}"
        yield from (f":module: {public.module}", "")
        yield from self._words(public)
        thing = public.thing
        if isinstance(thing, type):
            yield from self._explained(thing)
            if thing not in CARDS and thing is not Tensor:
                for member in public_members(thing):
                    yield from self._described(Public(f"{public.owner}.{public.name}", member), INNER)
        yield from (fence, "")

    def _prefix(self, public: Public) -> str:
        name = public.owner.rpartition(".")[2]
        return f"{name}." if name[0].isupper() else ""

    def _words(self, public: Public) -> Iterator[str]:
        told = public.docstring
        translated = public.chinese if self.spoken == "zh" else None
        if not translated:
            yield from (told.first, "", told.rest, "")
        else:
            yield from (translated, "")
            if told.text:
                english = ('<div lang="en">', f"{told.first}\n\n{told.rest}", "</div>")
                yield from self._folded("site.docstring", *english)
        for example in told.examples:
            yield from ("```pycon", example, "```", "")

    def _explained(self, kind: type) -> Iterator[str]:
        if document := explanation(kind):
            html = without_headings(fragment(document.blocks, self.spoken))
            yield from self._folded("site.arguments", html)
        if kind in CHAPTERS:
            yield from (say("site.chapter", chapter=f"{{doc}}`/note/{CHAPTERS[kind]}`"), "")

    def _folded(self, summary: str, *texts: str) -> Iterator[str]:
        for text in (f"<details><summary>{say(summary)}</summary>", *texts, "</details>"):
            yield from ("````{raw} html", text, "````", "") if text.startswith("<") else (text, "")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx the directive."""
    app.add_directive("names", NamesDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
