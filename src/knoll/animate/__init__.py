"""Layers in motion: the frames of an animation from the numbers of one run of a layer."""

from knoll.animate.builder import animate
from knoll.animate.builder import compare_layers as compare

__all__ = ["animate", "compare"]
