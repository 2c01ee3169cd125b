"""The limit of memory kept between calls, and a flag that tells when it has to be checked."""

from __future__ import annotations

import os
import re

from knoll.errors import ArgumentError
from knoll.messages import say

DEFAULT = 1 << 30  # bytes
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class _Growth:
    """`seen` is set when something new is kept, so that the total need not be computed in every call."""

    seen = False


growth: _Growth = _Growth()


def limit() -> int:
    """Bytes that may be kept: `KNOLL_MEMORY`, as 512M or 2G, else 1 GiB."""
    named = os.environ.get("KNOLL_MEMORY", "")
    if not named:
        return DEFAULT
    found = re.fullmatch(r"([0-9]{1,15})([KMGT]?)(?:i?B)?", named.strip(), re.IGNORECASE)
    if found is None:
        raise ArgumentError(
            say("run.memory", named=named), expected=say("run.memory_expected"), advice="KNOLL_MEMORY=1G"
        )
    return int(found[1]) * UNITS[found[2].upper()]
