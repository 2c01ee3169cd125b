"""How wide a drawing of the page may be."""

from __future__ import annotations

from knoll.animate.sheets import ROOM
from knoll.errors import ArgumentError
from knoll.lab.setting import Setting
from knoll.messages import say

NARROWEST = 300.0


def room_of(setting: Setting) -> float:
    """The width that the page says, in pixels, within bounds. Raises ArgumentError."""
    width = setting.options.get("room", "")
    if width and not (width.isascii() and width.isdigit() and len(width) < 5):
        raise ArgumentError(say("lab.no_choice", name="room"), expected="860", got=width[:80])
    return min(max(float(width or ROOM), NARROWEST), ROOM)
