"""Knoll: convolutional-network layers, compiled for your own shapes and your own processor."""
