"""Words about windows that are laid out in columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.common import reference
from knoll.explain.words.windows import large_enough, pair
from knoll.graph import Shape
from knoll.graph.sizes import Pair
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.ops.convolution.unfold import blocks


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What becomes of windows, or of columns."""
    r, s = facts.pair("kernel_size")
    folds = isinstance(facts.layer, nn.Fold)
    image, columns = (facts.output, facts.input) if folds else (facts.input, facts.output)
    rows, across = _blocks(facts.layer, (image.shape[-2], image.shape[-1]))
    counted = sentence("explain_columns.columns", rows=rows, columns=across, count=rows * across)
    c = image.shape[-3]
    if folds:
        return sentence("explain_columns.fold", r=r, s=s, c=c), counted
    return sentence("explain_columns.unfold", r=r, s=s, c=c, count=columns.shape[-2]), counted


def _blocks(layer: Module, size: Pair) -> Pair:
    named = {"kernel": layer.kernel_size, "stride": layer.stride, "padding": layer.padding, "dilation": layer.dilation}
    return blocks(size, **{name: pair(value) for name, value in named.items()})


def kernel_size(facts: Facts) -> Said:
    """How large the window is."""
    r, s = facts.pair("kernel_size")
    return said(sentence("explain_columns.kernel_size", r=r, s=s, area=r * s))


def _argument(name: str) -> Callable[[Facts], Said]:
    """What an argument says of rows and columns."""

    def words(facts: Facts) -> Said:
        rows, columns = facts.pair(name)
        return said(sentence(f"explain_columns.{name}", rows=rows, columns=columns))

    return words


def _columns(layer: Module) -> tuple[Shape]:
    """As many columns as fit the image."""
    rows, across = _blocks(layer, pair(layer.output_size))
    r, s = pair(layer.kernel_size)
    return ((r * s, max(rows, 1) * max(across, 1)),)


OF_WINDOWS: Mapping[str, Argument] = {
    "kernel_size": Argument(kernel_size, (1, 2, (1, 3))),
    "dilation": Argument(_argument("dilation"), (1, 2, 3)),
    "padding": Argument(_argument("padding"), (0, 1, 2)),
    "stride": Argument(_argument("stride"), (1, 2, 3)),
}


COLUMNS: Mapping[type[Module], Card] = {
    nn.Unfold: Card(
        introduction=introduction,
        arguments=OF_WINDOWS,
        example={"kernel_size": 2},
        inputs=lambda layer: ((1, *large_enough(4, layer)),),
        source=reference("Unfold"),
        of_images=True,
    ),
    nn.Fold: Card(
        introduction=introduction,
        arguments={
            "output_size": Argument(_argument("output_size"), (4, 5, (4, 6))),
            **OF_WINDOWS,
        },
        example={"output_size": 4, "kernel_size": 2},
        inputs=_columns,
        source=reference("Fold"),
    ),
}
