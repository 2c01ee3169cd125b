"""Words about normalisations that look at each sample by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.batch_norm import affine, momentum
from knoll.explain.words.common import DEVICE, DTYPE, few_numbers, reference
from knoll.graph import Shape
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def _sizes(facts: Facts) -> Shape:
    assert isinstance(facts.layer, nn.LayerNorm | nn.RMSNorm)
    return facts.layer.normalized_shape


def _listed(sizes: Shape) -> str:
    return ", ".join(map(str, sizes))


def layer_norm(facts: Facts, name: str) -> tuple[Sentence, ...]:
    """What is normalised, and that samples do not mix."""
    sizes = _sizes(facts)
    words = sentence(f"explain_norms.{name}", axes=len(sizes), size=math.prod(sizes), shape=_listed(sizes))
    return words, sentence("explain_norms.alone")


def normalized_shape(facts: Facts) -> Said:
    """Which axes are normalised."""
    sizes = _sizes(facts)
    words = [sentence("explain_norms.normalized_shape", axes=len(sizes), shape=_listed(sizes))]
    if len(sizes) == 1:
        words.append(sentence("explain_norms.normalized_shape_channels"))
    return said(*words)


def elementwise_affine(facts: Facts) -> Said:
    """Whether scale and shift are learned."""
    if not facts.arguments["elementwise_affine"]:
        return said(sentence("explain_layers.affine_none"))
    size = math.prod(_sizes(facts))
    return said(sentence("explain_norms.elementwise_affine", size=size, count=facts.parameters))


def bias(facts: Facts) -> Said:
    """Whether a number is added after the scaling, if there is one."""
    affine = "elementwise_affine" if isinstance(facts.layer, nn.LayerNorm) else "affine"
    has_bias = facts.arguments["bias"] and facts.arguments[affine]
    return said(sentence(f"explain_norms.bias_{'yes' if has_bias else 'no'}"))


def eps(facts: Facts) -> Said:
    """What is added to the variance."""
    value = facts.arguments["eps"]
    return said(sentence("explain_norms.eps", eps=value, root=math.sqrt(max(value, 0.0))))


def rms_eps(facts: Facts) -> Said:
    """What is added to the mean square."""
    value = facts.arguments["eps"]
    if value is None:
        return said(sentence("explain_norms.rms_eps_none", eps=float(np.finfo(facts.input.dtype).eps)))
    return said(sentence("explain_norms.rms_eps", eps=value))


def group_norm(facts: Facts) -> tuple[Sentence, ...]:
    """Which channels are normalised together."""
    groups, channels = facts.arguments["num_groups"], facts.arguments["num_channels"]
    values = {"groups": groups, "channels": channels, "each": channels // groups}
    return sentence("explain_norms.group_norm", **values), sentence("explain_norms.alone")


def num_groups(facts: Facts) -> Said:
    """How many groups of channels there are."""
    groups, channels = facts.arguments["num_groups"], facts.arguments["num_channels"]
    if groups == 1:
        return said(sentence("explain_norms.num_groups_one"))
    if groups == channels:
        return said(sentence("explain_norms.num_groups_each"))
    return said(sentence("explain_norms.num_groups", groups=groups, each=channels // groups))


def num_channels(facts: Facts) -> Said:
    """How many channels there are."""
    return said(sentence("explain_norms.num_channels", channels=facts.arguments["num_channels"]))


def _other_channels(facts: Facts) -> tuple[int, ...]:
    """The next numbers of channels that can be split into as many groups."""
    groups, channels = facts.arguments["num_groups"], facts.arguments["num_channels"]
    return tuple(each for each in (channels - groups, channels + groups) if each > 0)


def instance_norm(facts: Facts) -> tuple[Sentence, ...]:
    """What each channel of each sample becomes."""
    over = sentence(f"explain_norms.over_{'pixels' if facts.input.rank == 4 else 'positions'}")
    words = sentence("explain_norms.instance_norm", channels=facts.arguments["num_features"], over=over)
    return (words, sentence("explain_norms.instance_contrast")) if facts.input.rank == 4 else (words,)


def num_features(facts: Facts) -> Said:
    """How many channels are normalised."""
    return said(sentence("explain_layers.num_features", c=facts.arguments["num_features"]))


def track_running_stats(facts: Facts) -> Said:
    """Whether there are running averages."""
    if not facts.arguments["track_running_stats"]:
        return said(sentence("explain_norms.track_no"))
    count = 2 * facts.arguments["num_features"]
    return said(sentence("explain_norms.track_yes", count=count), trap=sentence("explain_norms.track_yes_trap"))


def local_response_norm(facts: Facts) -> tuple[Sentence, ...]:
    """What each number is divided by."""
    words = sentence("explain_norms.local_response_norm", size=facts.arguments["size"])
    return words, sentence("explain_norms.lrn_history")


def _response_argument(name: str, *values: str) -> Argument:
    """An argument of local response normalisation, said with the values of some."""

    def words(facts: Facts) -> Said:
        return said(sentence(f"explain_norms.lrn_{name}", **{each: facts.arguments[each] for each in values}))

    return Argument(words, LRN_VALUES[name])


LRN_VALUES: Mapping[str, tuple[float, ...]] = {
    "size": (1, 2, 5),
    "alpha": (1e-4, 0.01, 1.0),
    "beta": (0.75, 0.5, 1.0),
    "k": (1.0, 2.0, 3.0),
}
EPS: Argument = Argument(eps, (1e-5, 1e-3, 0.1))


def _instance_norm_card(kind: str, sizes: Shape) -> Card:
    return Card(
        introduction=instance_norm,
        arguments={
            "num_features": Argument(num_features, (1, 2, 3)),
            "eps": EPS,
            "momentum": Argument(momentum, (0.1, 0.01, 1.0), beside={"track_running_stats": True}),
            "affine": Argument(affine, (True, False)),
            "track_running_stats": Argument(track_running_stats, (False, True)),
            "bias": Argument(bias, (True, False), beside={"affine": True}),
            "dtype": DTYPE,
            "device": DEVICE,
        },
        example={"num_features": 2},
        inputs=lambda layer: (few_numbers((1, layer.num_features, *sizes), layer),),
        source=reference(kind),
    )


SAMPLE_NORMS: Mapping[type[Module], Card] = {
    nn.LayerNorm: Card(
        introduction=lambda facts: layer_norm(facts, "layer_norm"),
        arguments={
            "normalized_shape": Argument(normalized_shape, (4, 6, (2, 3))),
            "eps": EPS,
            "elementwise_affine": Argument(elementwise_affine, (True, False)),
            "bias": Argument(bias, (True, False)),
            "dtype": DTYPE,
            "device": DEVICE,
        },
        example={"normalized_shape": 4},
        inputs=lambda layer: (few_numbers((1, *layer.normalized_shape), layer),),
        source=reference("LayerNorm"),
    ),
    nn.RMSNorm: Card(
        introduction=lambda facts: layer_norm(facts, "rms_norm"),
        arguments={
            "normalized_shape": Argument(normalized_shape, (4, 6, (2, 3))),
            "eps": Argument(rms_eps, (None, 1e-5, 0.1)),
            "elementwise_affine": Argument(elementwise_affine, (True, False)),
            "dtype": DTYPE,
            "device": DEVICE,
        },
        example={"normalized_shape": 4},
        inputs=lambda layer: (few_numbers((1, *layer.normalized_shape), layer),),
        source=reference("RMSNorm"),
    ),
    nn.GroupNorm: Card(
        introduction=group_norm,
        arguments={
            "num_groups": Argument(num_groups, (1, 2, 4)),
            "num_channels": Argument(num_channels, (2, 4, 6), others=_other_channels),
            "eps": EPS,
            "affine": Argument(affine, (True, False)),
            "bias": Argument(bias, (True, False)),
            "dtype": DTYPE,
            "device": DEVICE,
        },
        example={"num_groups": 2, "num_channels": 4},
        inputs=lambda layer: (few_numbers((1, layer.num_channels, 2, 2), layer),),
        source=reference("GroupNorm"),
    ),
    nn.InstanceNorm1d: _instance_norm_card("InstanceNorm1d", (4,)),
    nn.InstanceNorm2d: _instance_norm_card("InstanceNorm2d", (3, 3)),
    nn.LocalResponseNorm: Card(
        introduction=local_response_norm,
        arguments={
            "size": _response_argument("size", "size"),
            "alpha": _response_argument("alpha", "alpha"),
            "beta": _response_argument("beta", "beta"),
            "k": _response_argument("k", "k", "beta"),
        },
        example={"size": 3},
        inputs=lambda _: (np.arange(24.0, dtype=np.float32).reshape(1, 6, 2, 2),),
        source=reference("LocalResponseNorm"),
    ),
}
