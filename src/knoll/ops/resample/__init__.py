"""Weighted sums along rows and columns: average pooling, upsampling, padding. Sums of pixels at computed places."""
