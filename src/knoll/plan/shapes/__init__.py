"""Lowering of operations that move elements: views, slices, padding and concatenation."""
