"""Batch normalisation: statistics, gradients, folding into weights."""
