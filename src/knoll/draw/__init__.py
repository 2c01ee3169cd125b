"""Drawings: scenes of shapes and words, and animations of scenes, as SVG, HTML, PNG, GIF, APNG and WebP."""

from __future__ import annotations

from knoll.draw.animation import Animation, Frame
from knoll.draw.elements import Cell, Circle, Element, Group, Image, Line, Path, Rect, Style, Text, arrow, polygon
from knoll.draw.number_grid import Edges, Window, number_grid
from knoll.draw.palette import Colour, Hatch, Role, Theme
from knoll.draw.scene import Scene, above, beside

__all__ = [
    "Animation",
    "Cell",
    "Circle",
    "Colour",
    "Edges",
    "Element",
    "Frame",
    "Group",
    "Hatch",
    "Image",
    "Line",
    "Path",
    "Rect",
    "Role",
    "Scene",
    "Style",
    "Text",
    "Theme",
    "Window",
    "above",
    "arrow",
    "beside",
    "number_grid",
    "polygon",
]
