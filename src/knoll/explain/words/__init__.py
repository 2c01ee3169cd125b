"""The cards of all kinds of layers."""

from __future__ import annotations

from knoll import nn
from knoll.explain.card import Card
from knoll.explain.words.conv import CONV2D

CARDS: dict[type[nn.Module], Card] = {nn.Conv2d: CONV2D}


def card_of(layer: nn.Module) -> Card | None:
    """The card of a layer's class, or of the nearest class that it is derived from; None without one."""
    return next((CARDS[kind] for kind in type(layer).__mro__ if kind in CARDS), None)
