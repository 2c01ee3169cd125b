"""What a module shows of itself: how it is written, what it does and learns; a network its layers and its graph."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.analysis import trace, written
from knoll.analysis.layers import is_layer, layers_in
from knoll.document import Block, Cell, Code, Document, Heading, Paragraph, Picture, Table
from knoll.draw import numeral
from knoll.errors import KnollError
from knoll.explain.facts import Facts
from knoll.explain.words import card_of
from knoll.graph.shapes import shape_text
from knoll.messages import Sentence, sentence
from knoll.nn import Module, ModuleDict, ModuleList, Parameter
from knoll.nn.uninitialized import Uninitialized
from knoll.views.embedded import embedded
from knoll.views.library import runs_only_ours
from knoll.views.network_picture import network_picture
from knoll.views.statistics import statistics

MOST = 60  # layers that are listed, and up to which a network is drawn


def module_html(module: Module) -> str:
    """What a notebook shows of a module."""
    return embedded(module_display(module))


def module_display(module: Module) -> Document:
    """The module as a document; nothing is asked of it that it cannot tell without an input."""
    if not is_layer(module):
        return Document(Code(type(module).__name__), tuple(_layers(module)))
    return Document(Code(written(module)), (*_introduction(module), *_learned(module)))


def _introduction(layer: Module) -> Iterator[Block]:
    words = _first_words(layer)
    if words:
        yield Paragraph(words)


def _first_words(layer: Module) -> tuple[Sentence, ...]:
    """What its card says that it does; nothing where it has none, or is not itself ready."""
    card = card_of(layer) if runs_only_ours(layer) else None
    if card is None or any(isinstance(each, Uninitialized) for each in layer.parameters()):
        return ()
    try:
        found = trace(layer, *card.inputs(layer))
    except KnollError:
        return ()
    return card.introduction(Facts(found.calls[0], found, type(layer)))


def _learned(layer: Module) -> Iterator[Block]:
    rows = tuple(_parameter(name, parameter) for name, parameter in layer.named_parameters())
    if rows:
        names = ("name", "shape", "numbers", "range", "mean")
        yield Table(tuple(sentence(f"views.column_{name}") for name in names), rows)


def _parameter(name: str, parameter: Parameter) -> tuple[Cell, ...]:
    if isinstance(parameter, Uninitialized):
        return name, "?", "?", "–", "–"
    array = parameter._realize()
    found = statistics(array)
    return (
        name,
        shape_text(array.shape),
        array.size,
        f"{numeral(found.low)} … {numeral(found.high)}",
        numeral(found.mean),
    )


def _layers(module: Module) -> Iterator[Block]:
    layers = [*layers_in(module)]
    rows = tuple((name, written(each), _count(each)) for name, each in layers[:MOST])
    header = tuple(sentence(f"views.column_{name}") for name in ("name", "layer", "parameters"))
    total = sum(parameter.numel() for parameter in module.parameters() if not isinstance(parameter, Uninitialized))
    yield Table(header, rows, (sentence("views.total"), "", total))
    if len(layers) > MOST:
        yield Paragraph(sentence("views.layers", drawn=MOST, total=len(layers)))
    else:
        yield from _graph(module)


def _count(layer: Module) -> Cell:
    if any(isinstance(each, Uninitialized) for each in layer.parameters()):
        return "?"
    return sum(parameter.numel() for parameter in layer.parameters()) or "–"


def _graph(module: Module) -> Iterator[Block]:
    """The graph of a network of the library, which knows the shape of its input; of others, what to type."""
    shape = getattr(module, "input_shape", None)
    if isinstance(shape, tuple) and runs_only_ours(module):
        try:
            scene = network_picture(module, shape)
        except KnollError:  # layers were replaced, and no longer fit
            return
        yield Heading(sentence("views.graph"))
        yield Picture(scene, sentence("views.graph_of", network=type(module).__name__))
    elif not isinstance(module, ModuleList | ModuleDict):
        yield Paragraph(sentence("views.needs_shape"))
