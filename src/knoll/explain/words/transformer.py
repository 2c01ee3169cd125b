"""Words about the layers of transformers, and about transformers that are stacks of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from knoll import nn
from knoll.analysis import written
from knoll.analysis.transformer_arguments import Layer, Stack, activation_name, argument_of, samples_axis
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.made import Made
from knoll.explain.parts import Option
from knoll.explain.words.attention import POSITIONS, batch_first, of_one_sample
from knoll.explain.words.common import DEVICE, DTYPE, reference
from knoll.graph import Array
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn.inspection import Input

USUAL = 4  # times as many numbers between the linear layers: Vaswani et al., 2017
WIDE = 2048  # the default of dim_feedforward
OTHERS = 3  # positions of the other sequence that an example is shown with
# Without dropout, so that a program that is taken away from the lab gives the same numbers
OF_A_LAYER: Mapping[str, Option] = {"d_model": 4, "nhead": 2, "dim_feedforward": 8, "batch_first": True, "dropout": 0.0}
WITH_MEMORY = (nn.TransformerDecoderLayer, nn.TransformerDecoder, nn.Transformer)


def _axes(facts: Facts, letter: str = "l") -> str:
    return f"{letter}, n, d" if samples_axis(facts.layer) else f"n, {letter}, d"


def _count(module: Module, *names: str) -> int:
    """How many numbers parts of a module learn, by the beginnings of their names."""
    return sum(each.numel() for name, each in module.named_parameters() if name.startswith(names))


def _introduction_of_layer(facts: Facts) -> tuple[Sentence, ...]:
    """What the parts of a layer do."""
    given, d = facts.arguments, facts.arguments["d_model"]
    name = "decoder" if isinstance(facts.layer, WITH_MEMORY) else "encoder"
    told = {"heads": given["nhead"], "each": d // given["nhead"], "d": d, "hidden": given["dim_feedforward"]}
    return sentence(f"explain_transformer.{name}_layer", **told), _shapes(facts, name, d)


SHAPES = {"encoder": "encoder_shapes", "decoder": "decoder_shapes", "transformer": "transformer_shapes"}


def _shapes(facts: Facts, name: str, d: int) -> Sentence:
    others = {} if name == "encoder" else {"others": _axes(facts, "s")}
    return sentence(f"explain_transformer.{SHAPES[name]}", axes=_axes(facts), d=d, **others)


def _introduction_of_stack(facts: Facts) -> tuple[Sentence, ...]:
    """How many layers do what."""
    name = "decoder" if isinstance(facts.layer, WITH_MEMORY) else "encoder"
    first = sentence(f"explain_transformer.{name}", count=facts.arguments["num_layers"])
    return first, _shapes(facts, name, facts.input.shape[-1])


def _introduction_of_transformer(facts: Facts) -> tuple[Sentence, ...]:
    """What encoder and decoder do."""
    given = facts.arguments
    is_own = given["custom_encoder"] is not None or given["custom_decoder"] is not None
    counts = {"encoders": given["num_encoder_layers"], "decoders": given["num_decoder_layers"]}
    usual = sentence("explain_transformer.transformer", **counts)
    first = sentence("explain_transformer.transformer_custom") if is_own else usual
    return first, _shapes(facts, "transformer", given["d_model"])


def d_model(facts: Facts) -> Said:
    """How many numbers a position has, and what learns how much."""
    layers = [each for each in facts.layer.modules() if isinstance(each, Layer)]
    attention = sum(_count(each, "self_attn", "multihead_attn") for each in layers)
    linear = sum(_count(each, "linear") for each in layers)
    norms = facts.parameters - attention - linear
    told = {"parameters": facts.parameters, "attention": attention, "linear": linear, "norms": norms}
    return said(sentence("explain_transformer.d_model", count=facts.arguments["d_model"], **told))


def nhead(facts: Facts) -> Said:
    """Among how many heads the numbers are divided."""
    count, heads = facts.arguments["d_model"], facts.arguments["nhead"]
    if heads == 1:
        return said(sentence("explain_layers.num_heads_one", count=count))
    return said(sentence("explain_layers.num_heads", count=count, heads=heads, each=count // heads))


def dim_feedforward(facts: Facts) -> Said:
    """How many numbers a position has between the linear layers."""
    count, d = facts.arguments["dim_feedforward"], facts.arguments["d_model"]
    parameters = sum(_count(each, "linear") for each in facts.layer.modules() if isinstance(each, Layer))
    words = sentence("explain_transformer.dim_feedforward", count=count, times=count / d, parameters=parameters)
    is_left = count == WIDE and count > 2 * USUAL * d
    return said(words, trap=sentence("explain_transformer.dim_feedforward_trap", usual=USUAL * d) if is_left else None)


def dropout(facts: Facts) -> Said:
    """Where numbers are dropped."""
    p = facts.arguments["dropout"]
    if not p:
        return said(sentence("explain_transformer.dropout_none"))
    if p == 1:
        return said(sentence("explain_transformer.dropout_all"))
    return said(sentence("explain_transformer.dropout", p=p, scale=1 / (1 - p)))


def activation(facts: Facts) -> Said:
    """What stands between the linear layers."""
    layer = next((each for each in facts.layer.modules() if isinstance(each, Layer)), None)
    name = str(facts.arguments["activation"]) if layer is None else activation_name(layer)
    return said(sentence("explain_transformer.activation", name=name))


def layer_norm_eps(facts: Facts) -> Said:
    """What is added to the variance."""
    return said(sentence("explain_transformer.layer_norm_eps", eps=facts.arguments["layer_norm_eps"]))


def norm_first(facts: Facts) -> Said:
    """Where the normalisations stand."""
    if not facts.arguments["norm_first"]:
        return said(sentence("explain_transformer.norm_first_no"))
    words = sentence("explain_transformer.norm_first_yes")
    if isinstance(facts.layer, nn.Transformer):  # which has both normalisations
        return said(words)
    return said(words, trap=sentence("explain_transformer.norm_first_yes_trap", d=facts.arguments["d_model"]))


def bias(facts: Facts) -> Said:
    """Whether the parts have biases."""
    if not facts.arguments["bias"]:
        return said(sentence("explain_transformer.bias_none"))
    named = facts.layer.named_parameters()
    count = sum(each.numel() for name, each in named if name.endswith("bias"))
    return said(sentence("explain_transformer.bias", count=count))


def copied(facts: Facts) -> Said:
    """The layer that is copied."""
    layer = facts.layer.layers[0]
    return said(sentence("explain_transformer.of_layer", layer=written(layer), count=_count(layer, "")))


def num_layers(facts: Facts) -> Said:
    """How many layers there are."""
    count = facts.arguments["num_layers"]
    trap = sentence("explain_transformer.num_layers_trap") if count > 1 else None
    words = sentence("explain_transformer.num_layers", count=count, each=_count(facts.layer.layers[0], ""))
    return said(words, trap=trap)


def _neighbours(name: str) -> Callable[[Facts], tuple[int, ...]]:
    """One layer less, where that leaves one, and one more."""
    return lambda facts: tuple(facts.arguments[name] + more for more in (-1, 1) if facts.arguments[name] + more)


def norm(facts: Facts) -> Said:
    """What stands behind the last layer."""
    own, layer = facts.arguments["norm"], facts.layer.layers[0]
    if own is not None:
        return said(sentence("explain_transformer.norm", norm=written(own)))
    trap = sentence("explain_transformer.norm_none_trap", d=facts.input.shape[-1])
    return said(sentence("explain_transformer.norm_none"), trap=trap if getattr(layer, "norm_first", False) else None)


def enable_nested_tensor(facts: Facts) -> Said:
    """What becomes of hidden positions."""
    is_on = "" if facts.arguments["enable_nested_tensor"] else "_no"
    return said(sentence(f"explain_transformer.enable_nested_tensor{is_on}"))


def mask_check(_: Facts) -> Said:
    """What PyTorch looks at."""
    return said(sentence("explain_transformer.mask_check"))


def _layers_of(name: str) -> Argument:
    def words(facts: Facts) -> Said:
        told = {"count": facts.arguments[f"num_{name}_layers"], "parameters": _count(facts.layer, name)}
        return said(sentence(f"explain_transformer.num_{name}_layers", **told))

    return Argument(words, (2, 1, 3), others=_neighbours(f"num_{name}_layers"))


def _custom(name: str) -> Argument:
    def words(facts: Facts) -> Said:
        own = facts.arguments[f"custom_{name}"]
        if own is None:
            return said(sentence("explain_transformer.custom_none"))
        return said(sentence("explain_transformer.custom", kind=type(own).__name__))

    return Argument(words, (None,), is_all=True)


def remarks(facts: Facts) -> tuple[Sentence, ...]:
    """That order is unknown, how many weights there are, and that nothing hides what comes later."""
    axis = 1 - samples_axis(facts.layer) if facts.input.rank == 3 else 0
    lengths = [value.spec.shape[axis] for value in facts.call.inputs[:2]]
    target = lengths[-1] if isinstance(facts.layer, nn.Transformer) else lengths[0]
    squares = sentence("explain_transformer.squares", length=target, other=target, pairs=target**2)
    if not isinstance(facts.layer, WITH_MEMORY):
        return sentence("explain_transformer.no_order"), squares
    return sentence("explain_transformer.look_ahead", length=target), squares


def inputs(layer: Module) -> tuple[Array, ...]:
    """A sequence of one sample, and the other one."""
    axis, d = samples_axis(layer), _width(layer)
    lengths = (POSITIONS, OTHERS) if isinstance(layer, WITH_MEMORY) else (POSITIONS,)
    sequences = [(np.arange(length * d) % (5 + i) - 2.0).reshape(length, d) for i, length in enumerate(lengths)]
    if isinstance(layer, nn.Transformer):
        sequences.reverse()  # src, then tgt
    dtype = next(parameter.dtype for parameter in layer.parameters())
    return tuple(np.expand_dims(each, axis).astype(dtype) for each in sequences)


def _width(layer: Module) -> int:
    """How many numbers a position has."""
    own = layer.layers[0] if isinstance(layer, Stack) else layer
    return int(argument_of(own, "d_model", 0)) if isinstance(own, Layer | nn.Transformer) else 1


def completed(layer: Module, given: tuple[Input, ...]) -> tuple[Input, ...]:
    """The other sequence where it was left out, as the first; a shape without samples has one."""
    axis, dtype = samples_axis(layer), next(parameter.dtype for parameter in layer.parameters())
    found = [of_one_sample(each, axis, dtype) if isinstance(each, tuple | list) else each for each in given]
    return (*found, *found) if len(found) == 1 and isinstance(layer, WITH_MEMORY) else tuple(found)


ARGUMENTS: Mapping[str, Argument] = {
    "d_model": Argument(d_model, (4, 2, 6), others=lambda _: ()),
    "nhead": Argument(nhead, (1, 2, 4)),
    "dim_feedforward": Argument(
        dim_feedforward,
        (8, 4, 16),
        others=lambda facts: (max(facts.arguments["dim_feedforward"] // 2, 1), facts.arguments["dim_feedforward"] * 2),
    ),
    "dropout": Argument(dropout, (0.1, 0.0, 0.5), others=lambda _: ()),
    "activation": Argument(activation, ("relu", "gelu"), is_all=True, others=lambda _: ()),
    "layer_norm_eps": Argument(layer_norm_eps, (1e-5, 1e-3, 0.1), others=lambda _: ()),
    "batch_first": Argument(batch_first, (True, False), others=lambda _: ()),
    "norm_first": Argument(norm_first, (False, True), others=lambda _: ()),
    "bias": Argument(bias, (True, False)),
    "dtype": DTYPE,
    "device": DEVICE,
}


def _layer(kind: str) -> Card:
    return Card(
        introduction=_introduction_of_layer,
        arguments=ARGUMENTS,
        example=OF_A_LAYER,
        inputs=inputs,
        source=reference(kind),
        remarks=remarks,
        shown=lambda shape: shape,
        completed=completed,
    )


def _stack(kind: type[Module], layer: type[Module], name: str) -> Card:
    own: dict[str, Argument] = {}
    if kind is nn.TransformerEncoder:
        own = {
            "enable_nested_tensor": Argument(enable_nested_tensor, (True, False), others=lambda _: ()),
            "mask_check": Argument(mask_check, (True, False), others=lambda _: ()),
        }
    norms = (None, Made(nn.LayerNorm, {"normalized_shape": 4}))
    return Card(
        introduction=_introduction_of_stack,
        arguments={
            name: Argument(copied, (Made(layer, OF_A_LAYER),), is_all=True, others=lambda _: ()),
            "num_layers": Argument(num_layers, (2, 1, 3), others=_neighbours("num_layers")),
            "norm": Argument(norm, norms, is_all=True, others=lambda _: ()),
            **own,
        },
        example={name: Made(layer, OF_A_LAYER), "num_layers": 2},
        inputs=inputs,
        source=reference(kind.__name__),
        remarks=remarks,
        shown=lambda shape: shape,
        completed=completed,
    )


TRANSFORMERS: Mapping[type[Module], Card] = {
    nn.TransformerEncoderLayer: _layer("TransformerEncoderLayer"),
    nn.TransformerDecoderLayer: _layer("TransformerDecoderLayer"),
    nn.TransformerEncoder: _stack(nn.TransformerEncoder, nn.TransformerEncoderLayer, "encoder_layer"),
    nn.TransformerDecoder: _stack(nn.TransformerDecoder, nn.TransformerDecoderLayer, "decoder_layer"),
    nn.Transformer: Card(
        introduction=_introduction_of_transformer,
        arguments={
            "d_model": ARGUMENTS["d_model"],
            "nhead": ARGUMENTS["nhead"],
            "num_encoder_layers": _layers_of("encoder"),
            "num_decoder_layers": _layers_of("decoder"),
            **ARGUMENTS,
            "custom_encoder": _custom("encoder"),
            "custom_decoder": _custom("decoder"),
        },
        example={**OF_A_LAYER, "num_encoder_layers": 1, "num_decoder_layers": 1},
        inputs=inputs,
        source=reference("Transformer"),
        remarks=remarks,
        shown=lambda shape: shape,
        completed=completed,
    ),
}
