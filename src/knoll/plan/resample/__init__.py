"""Lowering of resampling, and of weighted sums of pixels at computed places."""
