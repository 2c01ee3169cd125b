"""Lowering of linear layers and matrix products."""
