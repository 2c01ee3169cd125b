"""Activations: from pieces of lines to softmax and gated linear units."""
