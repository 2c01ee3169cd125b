"""Layers in motion: the frames of an animation from the numbers of one run of a layer."""

from knoll.animate.builder import animate

__all__ = ["animate"]
