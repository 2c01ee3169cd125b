"""Directives whose content is computed when the site is built: words, animations, samples, questions, errors.

    ```{argument} Conv2d.stride        the words, traps and other values of an argument, for each value of its table
    ```{questions} Conv2d.stride       its questions; the answers fold out
    ```{sample} Conv2d.stride          its sample programs, and what they print
    ```{animation}                     a program that ends with an animation, and its player
    ```{run}                           a program, what it prints and shows, and who took the photograph it loads
    ```{fails}                         a program, and the error that it ends with

Everything is said in the language of the page.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

import knoll
from knoll import nn
from knoll.document import Block, Formula, Heading, Paragraph
from knoll.document.html import fragment
from knoll.document.inline import letters
from knoll.draw import Scene
from knoll.errors import KnollError
from knoll.explain import Explanation, explain
from knoll.explain.examples import Example
from knoll.explain.parts import Effect
from knoll.explain.questions import Question, question_of
from knoll.explain.samples import sample_of
from knoll.explain.words import CARDS
from knoll.explain.writing import argument as argument_blocks
from knoll.explain.writing import change, effects
from knoll.language import set_language
from knoll.messages import Language, sentence

PHOTOGRAPHERS = {"china.jpg": "danielbuechele", "flower.jpg": "vultilion"}
"""Who took the photographs that come with scikit-learn: https://www.flickr.com/photos/ and this name."""
LICENCE = "https://creativecommons.org/licenses/by/2.0/"


class Computed(SphinxDirective):
    """A directive that knows the language of the page."""

    has_content = True

    @property
    def spoken(self) -> Language:
        """The language of the page."""
        return "zh" if str(self.config.language).startswith("zh") else "en"

    def run(self) -> list[nodes.Node]:
        """The nodes of the directive; nothing that is computed is a sentence to translate."""
        if not self.config.computes:
            return []
        set_language(self.spoken)
        try:
            return list(self.nodes())
        finally:
            set_language(None)

    def nodes(self) -> Iterator[nodes.Node]:
        """What stands in the page."""
        raise NotImplementedError

    @property
    def code(self) -> str:
        """The content as a program."""
        return "\n".join(self.content) + "\n"

    def listing(self, code: str, language: str = "python") -> nodes.literal_block:
        """Code or output as a block."""
        text = code.rstrip("\n")
        return nodes.literal_block(text, text, language=language)

    def html(self, text: str) -> nodes.raw:
        """HTML as it is."""
        return nodes.raw("", text, format="html")

    def blocks(self, *blocks: Block) -> nodes.raw:
        """Blocks of a document."""
        return self.html(fragment(blocks, self.spoken))


class OfArgument(Computed):
    """A directive about one argument of a layer, written Conv2d.stride."""

    has_content = False
    required_arguments = 1

    @property
    def examples(self) -> list[Example]:
        """An example for each value worth trying."""
        name, _, argument = self.arguments[0].partition(".")
        kind = getattr(nn, name)
        return [Example(kind, argument, value) for value in CARDS[kind].arguments[argument].values]


class ArgumentDirective(OfArgument):
    """The words about an argument for each of its values, and what other values change."""

    def nodes(self) -> Iterator[nodes.Node]:
        """The words for each value, and a table of what all of them give where the first one is given the same."""
        name = self.arguments[0].partition(".")[2]
        every = [explain(example.layer, *example.inputs) for example in self.examples]
        notes = [next(note for note in found.parameters if note.name == name) for found in every]
        blocks = [block for note in notes for block in argument_blocks(note)]
        compared = replace(notes[0], effects=tuple(_effects(self.examples, every, notes[0].effects)))
        first, now = every[0], change(name, self.examples[0].value)
        told = [*effects((compared,), first.outputs[0], first.cost, first.sight, now)]
        if told:  # `inplace` changes nothing that could be told here
            blocks += [Heading(sentence("explain.effects"), 3), *told]
        yield self.blocks(*blocks)


def _effects(examples: Sequence[Example], every: Sequence[Explanation], others: Sequence[Effect]) -> Iterator[Effect]:
    """What becomes of the first layer with the value of each further example, then with those next to its own."""
    shown = []
    for example, found in zip(examples[1:], every[1:], strict=True):
        if found.inputs == every[0].inputs:
            shown.append(example.value)
            field = found.sight.field if found.sight else None
            yield Effect(example.value, found.outputs[0], found.cost.parameters, found.cost.multiply_adds, field)
    yield from (effect for effect in others if effect.value not in shown)


class SampleDirective(OfArgument):
    """The sample program of each value, and what it prints."""

    def nodes(self) -> Iterator[nodes.Node]:
        """A program and its output for each value."""
        for example in self.examples:
            sample = sample_of(example)
            yield self.listing(sample.program)
            yield self.listing(sample.printed, "text")


class QuestionsDirective(OfArgument):
    """The questions about an argument; answers fold out."""

    def nodes(self) -> Iterator[nodes.Node]:
        """A question for each value."""
        for example in self.examples:
            yield from self._question(question_of(example))

    def _question(self, question: Question) -> Iterator[nodes.Node]:
        yield self.blocks(Paragraph(question.words))
        choices = nodes.bullet_list()
        for choice in question.choices:
            choices += nodes.list_item("", nodes.paragraph("", letters(choice, self.spoken)))
        yield choices
        answer = fragment((Paragraph(question.right), Formula(question.why)), self.spoken)
        yield self.html(f"<details><summary>{sentence('site.answer').text(self.spoken)}</summary>{answer}</details>")


class AnimationDirective(Computed):
    """The player of the animation that a program ends with; the program folds out."""

    def nodes(self) -> Iterator[nodes.Node]:
        """The player, and the code."""
        knoll.manual_seed(0)
        yield self.html(evaluated(self.code).html(language=self.spoken))
        yield self.html(f"<details><summary>{sentence('site.code').text(self.spoken)}</summary>")
        yield self.listing(self.code)
        yield self.html("</details>")


class RunDirective(Computed):
    """A program, what it prints, and what its last expression shows of itself."""

    option_spec: ClassVar[dict[str, Any]] = {"hidden": directives.flag}

    def nodes(self) -> Iterator[nodes.Node]:
        """Code, output, display."""
        if "hidden" not in self.options:
            yield self.listing(self.code)
        printed = io.StringIO()
        with redirect_stdout(printed):
            shown = evaluated(self.code)
        if printed.getvalue():
            yield self.listing(printed.getvalue(), "text")
        if shown is not None:
            yield self._display(shown)
        for name in PHOTOGRAPHERS.keys() & set(re.findall(r'load_sample_image\("(.*?)"\)', self.code)):
            yield self._credit(name)

    def _credit(self, name: str) -> nodes.Node:
        """Who took a photograph, and under which licence."""
        words = sentence("site.photograph", name=name, author=PHOTOGRAPHERS[name]).text(self.spoken)
        return self.html(f'<p class="credit">{words} <a href="{LICENCE}">CC BY 2.0</a></p>')

    def _display(self, shown: Any) -> nodes.Node:
        """What a notebook would show; its headings are no headings of the page."""
        if isinstance(shown, Scene):
            told = replace(shown, title=shown.title or sentence("site.drawn"), description=sentence("site.drawn"))
            return self.html(f'<div class="drawing">{told.svg(language=self.spoken)}</div>')
        if hasattr(shown, "_repr_html_"):
            return self.html(without_headings(shown._repr_html_()))
        return self.listing(repr(shown), "text")


class FailsDirective(Computed):
    """A program that ends with an error of Knoll's, and that error."""

    def nodes(self) -> Iterator[nodes.Node]:
        """Code, output, error."""
        yield self.listing(self.code)
        printed = io.StringIO()
        try:
            with redirect_stdout(printed):
                evaluated(self.code)
        except KnollError as error:
            yield self.listing(f"{printed.getvalue()}{error}", "text")
        else:
            raise ExtensionError(f"{self.get_location()}: the program ends without an error")


def without_headings(html: str) -> str:
    """HTML whose headings are paragraphs, so that they are no headings of the page."""
    return re.sub(r"</h[1-6]>", "</p>", re.sub(r"<h[1-6][^>]*>", '<p class="heading">', html))


def evaluated(code: str) -> Any:
    """The value of the last expression of a program; None where it ends with a statement."""
    tree, names = ast.parse(code), {"__name__": "__main__"}
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<page>", "exec"), names)  # noqa: S102 (a page of this site)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "<page>", "eval"), names)  # noqa: S307 (likewise)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx the directives."""
    for name, directive in (
        ("argument", ArgumentDirective),
        ("sample", SampleDirective),
        ("questions", QuestionsDirective),
        ("animation", AnimationDirective),
        ("run", RunDirective),
        ("fails", FailsDirective),
    ):
        app.add_directive(name, directive)
    app.add_config_value("computes", True, "env", bool)
    app.connect("builder-inited", lambda app: setattr(app.config, "computes", app.builder.name != "gettext"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
