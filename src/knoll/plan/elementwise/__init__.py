"""Lowering of elementwise operations that have a kernel of their own."""
