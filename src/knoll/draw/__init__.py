"""Drawings: scenes of shapes and words, and animations of scenes, as SVG, HTML, PNG, GIF, APNG and WebP."""

from __future__ import annotations

from knoll.draw.animation import Animation, Frame
from knoll.draw.bars import bars
from knoll.draw.channel_stack import channel_stack
from knoll.draw.curve import curve
from knoll.draw.elements import Cell, Circle, Element, Group, Image, Line, Path, Rect, Style, Text, arrow
from knoll.draw.feature_maps import feature_maps
from knoll.draw.image_picture import image_picture
from knoll.draw.kernel import kernel
from knoll.draw.network import Node, network
from knoll.draw.number_grid import Edges, Window, number_grid
from knoll.draw.numerals import numeral
from knoll.draw.palette import Colour, Hatch, Role, Theme
from knoll.draw.products import products
from knoll.draw.roofline import Measured, roofline
from knoll.draw.scene import Scene, above, beside, in_rows
from knoll.draw.series import series
from knoll.draw.timeline import Span, timeline

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
    "Measured",
    "Node",
    "Path",
    "Rect",
    "Role",
    "Scene",
    "Span",
    "Style",
    "Text",
    "Theme",
    "Window",
    "above",
    "arrow",
    "bars",
    "beside",
    "channel_stack",
    "curve",
    "feature_maps",
    "image_picture",
    "in_rows",
    "kernel",
    "network",
    "number_grid",
    "numeral",
    "products",
    "roofline",
    "series",
    "timeline",
]
