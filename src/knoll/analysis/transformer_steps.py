"""The steps of transformers: what each part makes of a sequence, by the formula that names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from knoll import nn
from knoll.analysis.trace import Call, Trace
from knoll.analysis.transformer_arguments import Layer, Stack, activation_name
from knoll.graph import Value

Step = tuple[str, Value]
"""A formula, and what it gives: (n, l, d), (l, n, d) or (l, d)."""


def steps_of(call: Call, found: Trace) -> tuple[Step, ...]:
    """The steps of one call of a transformer or of one of its layers, in order; none of a module that has other parts.

    >>> from knoll import nn
    >>> from knoll.analysis import trace
    >>> found = trace(nn.TransformerEncoderLayer(4, 2, 8, norm_first=True), (5, 4), training=True)
    >>> [formula for formula, _ in steps_of(found.calls[0], found)][2:4]
    ['a = self_attn(z)', 'x = x + dropout1(a)']
    >>> found = trace(nn.TransformerEncoderLayer(4, 2, 8), (5, 4))
    >>> [formula for formula, _ in steps_of(found.calls[0], found)][:3]
    ['x', 'a = self_attn(x)', 'x = norm1(x + a)']
    """
    inside = {
        each.name.removeprefix(f"{call.name}." if call.name else ""): each
        for each in found.calls
        if each.parent is not None and found.calls[each.parent] is call and each.outputs
    }
    try:
        return tuple(_steps(call, inside))
    except KeyError:  # a class of one's own that calls other parts
        return ()


def _steps(call: Call, inside: Mapping[str, Call]) -> Iterator[Step]:
    module = call.module
    if isinstance(module, Layer):
        yield from _of_layer(module, call, inside)
    elif isinstance(module, Stack):
        yield "x", call.inputs[0]
        also = ", memory" if isinstance(module, nn.TransformerDecoder) else ""
        names = [*(f"layers.{number}" for number in range(module.num_layers)), *(["norm"] if module.norm else [])]
        for name in names:
            given = "x" if name == "norm" else f"x{also}"
            yield f"x = {name.replace('.', '[')}{']' if '.' in name else ''}({given})", inside[name].outputs[0]
    elif isinstance(module, nn.Transformer):
        yield "src", call.inputs[0]
        yield "memory = encoder(src)", inside["encoder"].outputs[0]
        yield "tgt", call.inputs[1]
        yield "y = decoder(tgt, memory)", inside["decoder"].outputs[0]


def _of_layer(layer: Layer, call: Call, inside: Mapping[str, Call]) -> Iterator[Step]:
    """Each attention, then both linear layers; a normalisation in front of each part, or behind its sum."""
    yield "x", call.inputs[0]
    attentions = ("self_attn", "multihead_attn") if isinstance(layer, nn.TransformerDecoderLayer) else ("self_attn",)
    given = "z" if layer.norm_first else "x"
    for number, name in enumerate(attentions, 1):
        norm, other = f"norm{number}", ", memory" if name == "multihead_attn" else ""
        if layer.norm_first:
            yield f"z = {norm}(x)", inside[norm].outputs[0]
        yield f"a = {name}({given}{other})", inside[name].outputs[0]
        added = _dropped("a", f"dropout{number}", inside)
        if layer.norm_first:
            yield f"x = x + {added}", inside[f"norm{number + 1}"].inputs[0]
        else:
            yield f"x = {norm}(x + {added})", inside[norm].outputs[0]
    norm = f"norm{len(attentions) + 1}"
    if layer.norm_first:
        yield f"z = {norm}(x)", inside[norm].outputs[0]
    yield f"h = {activation_name(layer)}(linear1({given}))", inside["dropout"].inputs[0]
    yield f"f = linear2({_dropped('h', 'dropout', inside)})", inside["linear2"].outputs[0]
    added = _dropped("f", f"dropout{len(attentions) + 1}", inside)
    yield (f"y = x + {added}" if layer.norm_first else f"y = {norm}(x + {added})"), call.outputs[0]


def _dropped(name: str, dropout: str, inside: Mapping[str, Call]) -> str:
    """What goes on of some numbers: all, or those that a dropout leaves."""
    call = inside[dropout]
    return name if call.outputs[0] is call.inputs[0] else f"{dropout}({name})"
