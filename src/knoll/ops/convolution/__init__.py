"""Convolution, transposed convolution and their gradients, and the windows of images laid out in columns."""
