"""Lowering of softmax and gated linear units."""
