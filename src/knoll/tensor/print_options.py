"""How tensors print: digits, when numbers are left out, and how wide a line is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.tensor.arguments import integer, real, text, truth


@dataclass
class PrintOptions:
    """Digits behind the point; above how many elements only those at the ends of each axis are shown, and how many.

    `sci_mode` None writes powers of ten where sizes differ by more than a thousand, or are very large or small.
    """

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


options: PrintOptions = PrintOptions()
PROFILES: dict[str, PrintOptions] = {
    "default": PrintOptions(),
    "short": PrintOptions(2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Print tensors in another way from now on: as a profile says, and what is named beside it.

    Profiles are "default", "short" and "full"; what is not named stays, but for `sci_mode`. Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.set_printoptions.html

    >>> import knoll
    >>> knoll.set_printoptions(precision=2, sci_mode=False)
    >>> knoll.tensor([1.23456, 1e-5])
    tensor([1.23, 0.00])
    >>> knoll.set_printoptions(profile="default")
    """
    name = "set_printoptions"
    if profile is not None and text(profile, name, "profile") not in PROFILES:
        raise ArgumentError(say("tensor.profile"), expected=", ".join(PROFILES), got=profile)
    wanted = options if profile is None else PROFILES[profile]
    found = PrintOptions(
        wanted.precision if precision is None else _count(precision, "precision"),
        wanted.threshold if threshold is None else real(threshold, name, "threshold"),
        wanted.edgeitems if edgeitems is None else _count(edgeitems, "edgeitems"),
        wanted.linewidth if linewidth is None else _count(linewidth, "linewidth"),
        None if sci_mode is None else truth(sci_mode, name, "sci_mode"),
    )
    vars(options).update(vars(found))


def _count(value: int, argument: str) -> int:
    count = integer(value, "set_printoptions", argument)
    if count < 0:
        raise ArgumentError(say("tensor.print_count", argument=argument), got=str(count))
    return count
