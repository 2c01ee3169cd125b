"""Lowering of sums, means and extremes over axes, over pixels and over samples."""
