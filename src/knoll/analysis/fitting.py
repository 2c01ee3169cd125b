"""What the layers of a network need for an input: the padding that keeps sizes, and the features of linear layers."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from knoll.analysis.arguments import variant
from knoll.analysis.trace import Call, trace
from knoll.analysis.written import written
from knoll.document import Block, Cell, Document, Heading, Paragraph, Table
from knoll.errors import ArgumentError, KnollError
from knoll.graph.shapes import shape_text
from knoll.graph.sizes import Pair, ceil_div
from knoll.messages import say, sentence
from knoll.nn import AvgPool2d, Conv2d, Linear, MaxPool2d, Module
from knoll.nn.inspection import Input

Windowed = Conv2d | MaxPool2d | AvgPool2d


@dataclass(frozen=True, slots=True)
class Kept:
    """A layer with a window, and the padding with which it gives ⌈size / stride⌉ rows and columns: all, for stride 1.

    `padding` is (rows, columns), "same" where one side needs a pixel more than the other, None where nothing does.
    """

    name: str
    layer: str
    before: Pair
    after: Pair
    padding: Pair | Literal["same"] | None


@dataclass(frozen=True, slots=True)
class Features:
    """A linear layer, the features that it takes, and those that come."""

    name: str
    now: int
    needed: int


@dataclass(frozen=True, slots=True)
class Fitting:
    """Both for a whole network."""

    kept: tuple[Kept, ...]
    features: tuple[Features, ...]

    def document(self) -> Document:
        """Text, Markdown and HTML of it."""
        blocks: list[Block] = []
        if self.kept:
            blocks += [Heading(sentence("analysis.fit_kept")), _kept_table(self.kept)]
        if any(kept.padding is None for kept in self.kept):
            blocks.append(Paragraph(sentence("analysis.fit_none")))
        if self.features:
            blocks += [Heading(sentence("analysis.fit_features")), _features_table(self.features)]
        return Document(sentence("analysis.fit_title"), tuple(blocks))

    def __str__(self) -> str:
        return self.document().text()


def _kept_table(found: tuple[Kept, ...]) -> Table:
    header = ("name", "layer", "before", "after", "padding")
    return Table(
        tuple(sentence(f"analysis.fit_{name}") for name in header),
        tuple((k.name, k.layer, shape_text(k.before), shape_text(k.after), _padding(k.padding)) for k in found),
    )


def _padding(padding: Pair | str | None) -> str:
    if padding is None:
        return "–"
    if isinstance(padding, str):
        return f"padding={padding!r}"
    return f"padding={padding[0] if padding[0] == padding[1] else padding}"


def _features_table(found: tuple[Features, ...]) -> Table:
    header = tuple(sentence(f"analysis.fit_{name}") for name in ("name", "now", "needed"))
    rows: tuple[tuple[Cell, ...], ...] = tuple((f.name, f.now, f"in_features={f.needed}") for f in found)
    return Table(header, rows)


def fit(net: Module, *inputs: Input) -> Fitting:
    """The padding with which each window of a network keeps the size, and the features that each linear layer needs.

    Inputs are shapes or arrays, as for `trace`. The network stays as it is. Raises what it raises for inputs of this
    shape, but for linear layers that expect other features.

    >>> from knoll import nn
    >>> from knoll.analysis import fit
    >>> found = fit(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Flatten(), nn.Linear(100, 10)), (3, 32, 32))
    >>> found.kept[0].padding, found.features[0].needed
    ((1, 1), 7200)
    """
    if not inputs:
        raise ArgumentError(say("analysis.no_input"), advice=say("analysis.no_input_advice"))
    return Fitting(kept_sizes(net, *inputs), features(net, *inputs))


def kept_sizes(net: Module, *inputs: Input) -> tuple[Kept, ...]:
    """For each convolution and pooling in order, the padding that keeps the size; each sees what those before it keep.

    >>> from knoll import nn
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 5), nn.MaxPool2d(2))
    >>> [(kept.layer, kept.padding) for kept in kept_sizes(net, (3, 32, 32))]
    [('Conv2d(3, 8, 5)', (2, 2)), ('MaxPool2d(2)', (0, 0))]
    """
    copied, found = _sharing(net), dict[str, Kept]()
    while (call := _next_windowed(copied, inputs, found)) is not None:
        layer = call.module
        assert isinstance(layer, Windowed)
        found[call.name] = kept = _kept_size(call, layer)
        if kept.padding is not None:
            setattr(layer, "padding", kept.padding)  # noqa: B010 (the type of each class is another one)
    return tuple(found.values())


def _sharing(net: Module) -> Module:
    """A copy of a network with the same parameters."""
    same = [*net.parameters(), *net.buffers()]
    return copy.deepcopy(net, {id(tensor): tensor for tensor in same})


def _next_windowed(net: Module, inputs: tuple[Input, ...], known: dict[str, Kept]) -> Call | None:
    """The first call of a layer with a window that is not known yet."""
    calls = trace(net, *inputs, keep_error=True).calls
    return next((c for c in calls if isinstance(c.module, Windowed) and c.name not in known and c.inputs), None)


def _kept_size(call: Call, layer: Windowed) -> Kept:
    size, stride = call.input.shape[-2:], _pair(layer.stride)
    before = (size[0], size[1])
    after = (ceil_div(before[0], stride[0]), ceil_div(before[1], stride[1]))
    image = call.input.shape if call.input.rank > 3 else (1, *call.input.shape)
    fitting = (padding for padding in _paddings(layer) if _gives(layer, padding, image, after))
    return Kept(call.name, written(layer), before, after, next(fitting, None))


def _paddings(layer: Windowed) -> Iterator[Pair | Literal["same"]]:
    """Those with equal sides, the smallest first; then one pixel more on one side, which a convolution can have."""
    spans = [d * (k - 1) + 1 for k, d in zip(_pair(layer.kernel_size), _dilation(layer), strict=True)]
    yield from ((p, q) for p in range(spans[0] // 2 + 1) for q in range(spans[1] // 2 + 1))
    if isinstance(layer, Conv2d):
        yield "same"


def _dilation(layer: Windowed) -> Pair:
    return (1, 1) if isinstance(layer, AvgPool2d) else _pair(layer.dilation)


def _pair(given: int | Pair) -> Pair:
    return (given, given) if isinstance(given, int) else given


def _gives(layer: Windowed, padding: Pair | str, image: tuple[int, ...], size: Pair) -> bool:
    try:
        made = variant(layer, padding=padding)
    except KnollError:
        return False
    result = trace(made, image, keep_error=True)
    return result.error is None and result.outputs[0].spec.shape[-2:] == size


def features(net: Module, *inputs: Input) -> tuple[Features, ...]:
    """For each linear layer in order, the `in_features` that it has and those that its input has.

    Raises what the network raises besides.

    >>> from knoll import nn
    >>> features(nn.Sequential(nn.Conv2d(3, 8, 5), nn.Flatten(), nn.Linear(100, 10), nn.Linear(10, 2)), (3, 32, 32))
    (Features(name='2', now=100, needed=6272), Features(name='3', now=10, needed=10))
    """
    copied, found = _sharing(net), dict[str, Features]()
    while True:
        passed = trace(copied, *inputs, keep_error=True)
        for call in passed.calls:
            if isinstance(call.module, Linear) and call.name not in found and call.inputs:
                found[call.name] = Features(call.name, call.module.in_features, call.input.shape[-1])
        wrong = next((f for f in found.values() if _linear_at(copied, f.name).in_features != f.needed), None)
        if wrong is None:
            if passed.error is not None:
                raise passed.error
            return tuple(found.values())
        _replace(copied, wrong)


def _linear_at(net: Module, name: str) -> Linear:
    layer = net.get_submodule(name)
    assert isinstance(layer, Linear)
    return layer


def _replace(net: Module, wrong: Features) -> None:
    parent, _, own = wrong.name.rpartition(".")
    setattr(net.get_submodule(parent), own, variant(_linear_at(net, wrong.name), in_features=wrong.needed))
