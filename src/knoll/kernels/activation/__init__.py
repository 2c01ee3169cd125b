"""Softmax and gated linear units along an axis."""
