"""Words about sigmoid and tanh."""

from __future__ import annotations

from collections.abc import Mapping

from knoll import nn
from knoll.explain.card import Card
from knoll.explain.words.activation import activation, plainly
from knoll.nn import Module

SIGMOIDS: Mapping[type[Module], Card] = {
    nn.Sigmoid: activation(
        "Sigmoid", plainly("sigmoid"), is_inplace=False, remarks=("explain_layers.sigmoid_with_logits",)
    ),
    nn.Tanh: activation("Tanh", plainly("tanh"), is_inplace=False),
}
