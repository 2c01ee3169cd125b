"""Losses worked out: the formula of one loss with the arguments of its layer, and with its numbers."""

from knoll.explain.losses.told import loss_told

__all__ = ["loss_told"]
