"""Words about attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from knoll import nn
from knoll.analysis.inputs import zeros_alike
from knoll.analysis.transformer_arguments import samples_axis
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.common import DEVICE, DTYPE, reference
from knoll.graph import Array
from knoll.graph.spec import DType
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input

POSITIONS = 4  # of the sequence that an example is shown with


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What attention does."""
    heads = facts.arguments["num_heads"]
    axes = "n, l, d" if facts.arguments["batch_first"] else "l, n, d"
    d = facts.arguments["embed_dim"] // heads
    one = sentence("explain_layers.attention_one_head", d=d)
    looks = one if heads == 1 else sentence("explain_layers.attention", heads=heads, d=d)
    return looks, sentence("explain_layers.attention_shapes", axes=axes)


def embed_dim(facts: Facts) -> Said:
    """How many numbers a position has."""
    count = facts.arguments["embed_dim"]
    return said(sentence("explain_layers.embed_dim", count=count, parameters=facts.parameters))


def num_heads(facts: Facts) -> Said:
    """Among how many heads they are divided."""
    count, heads = facts.arguments["embed_dim"], facts.arguments["num_heads"]
    if heads == 1:
        return said(sentence("explain_layers.num_heads_one", count=count))
    return said(sentence("explain_layers.num_heads", count=count, heads=heads, each=count // heads))


def dropout(facts: Facts) -> Said:
    """How many weights are dropped."""
    p = facts.arguments["dropout"]
    if not p:
        return said(sentence("explain_layers.attention_dropout_none"))
    if p == 1:
        return said(sentence("explain_layers.attention_dropout_all"))
    return said(sentence("explain_layers.attention_dropout", p=p, scale=1 / (1 - p)))


def bias(facts: Facts) -> Said:
    """Whether the projections have biases."""
    if not facts.arguments["bias"]:
        return said(sentence("explain_layers.attention_bias_none"))
    named = facts.layer.named_parameters()
    count = sum(each.numel() for name, each in named if name in ("in_proj_bias", "out_proj.bias"))
    return said(sentence("explain_layers.attention_bias", count=count))


def add_bias_kv(facts: Facts) -> Said:
    """Whether a key and a value are learned."""
    if facts.arguments["add_bias_kv"]:
        return said(sentence("explain_layers.add_bias_kv", count=facts.arguments["embed_dim"]))
    return said(sentence("explain_layers.add_bias_kv_none"))


def add_zero_attn(facts: Facts) -> Said:
    """Whether a position of zeros is added."""
    return said(sentence(f"explain_layers.add_zero_attn{'' if facts.arguments['add_zero_attn'] else '_none'}"))


def kdim(facts: Facts) -> Said:
    """How many numbers a position of the key has."""
    return said(sentence("explain_layers.kdim", count=facts.arguments["kdim"], embed=facts.arguments["embed_dim"]))


def vdim(facts: Facts) -> Said:
    """How many numbers a position of the value has."""
    return said(sentence("explain_layers.vdim", count=facts.arguments["vdim"], embed=facts.arguments["embed_dim"]))


def batch_first(facts: Facts) -> Said:
    """Which axis samples are."""
    if facts.arguments["batch_first"]:
        return said(sentence("explain_layers.batch_first_yes"))
    return said(sentence("explain_layers.batch_first_no"), trap=sentence("explain_layers.batch_first_no_trap"))


def inputs(layer: Module) -> tuple[Array, ...]:
    """Query, key and value of one sample."""
    assert isinstance(layer, nn.MultiheadAttention)
    dtype = layer.out_proj.weight.dtype
    return tuple(
        (np.arange(POSITIONS * size) % 5 - 2.0)
        .reshape((1, POSITIONS, size) if layer.batch_first else (POSITIONS, 1, size))
        .astype(dtype)
        for size in (layer.embed_dim, layer.kdim, layer.vdim)
    )


def completed(layer: Module, given: tuple[Input, ...]) -> tuple[Input, ...]:
    """The same tensor three times if it is alone; a shape without samples has one."""
    assert isinstance(layer, nn.MultiheadAttention)
    axis, dtype = samples_axis(layer), layer.out_proj.weight.dtype
    found = tuple(of_one_sample(each, axis, dtype) if isinstance(each, Sequence) else each for each in given)
    return found * 3 if len(found) == 1 else found


def of_one_sample(shape: Sequence[int], axis: int, dtype: DType) -> Input:
    """Zeros of a shape, of which one without samples has one, as this axis; a shape that cannot be as it is."""
    if len(shape) == 2:
        shape = (1, *shape) if axis == 0 else (shape[0], 1, shape[1])
    shape = tuple(shape)
    is_wrong = len(shape) != 3 or not all(isinstance(size, int) and size >= 0 for size in shape)
    return shape if is_wrong else zeros_alike(shape, dtype)


ATTENTION: Mapping[type[Module], Card] = {
    nn.MultiheadAttention: Card(
        introduction=introduction,
        arguments={
            "embed_dim": Argument(embed_dim, (4, 8, 12)),
            "num_heads": Argument(num_heads, (1, 2, 4)),
            "dropout": Argument(dropout, (0.0, 0.1, 0.5)),
            "bias": Argument(bias, (True, False)),
            "add_bias_kv": Argument(add_bias_kv, (False, True)),
            "add_zero_attn": Argument(add_zero_attn, (False, True)),
            "kdim": Argument(kdim, (8, 4, 6)),
            "vdim": Argument(vdim, (8, 4, 6)),
            "batch_first": Argument(batch_first, (False, True), others=lambda _: ()),
            "dtype": DTYPE,
            "device": DEVICE,
        },
        example={"embed_dim": 8, "num_heads": 2},
        inputs=inputs,
        source=reference("MultiheadAttention"),
        shown=lambda shape: shape,
        completed=completed,
    )
}
