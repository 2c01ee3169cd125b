"""Weighted sums along rows and columns: average pooling, upsampling, padding."""
