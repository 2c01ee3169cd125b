"""Lowering of losses over classes."""
