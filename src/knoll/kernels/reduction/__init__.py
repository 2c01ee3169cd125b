"""Sums: over samples, over axes, over the lanes of a vector; and what is broadcast back."""
