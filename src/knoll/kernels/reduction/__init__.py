"""Sums over samples, over axes and over the lanes of a vector, and the broadcasts that are their gradients."""
