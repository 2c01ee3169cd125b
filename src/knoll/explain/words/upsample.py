"""Words about layers that enlarge images."""

from __future__ import annotations

from math import ceil

from knoll.draw.numerals import numeral
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import SizeStep
from knoll.graph import Shape
from knoll.messages import Sentence, sentence
from knoll.nn import Module
from knoll.nn import functional as F
from knoll.tensor import arange

LINEAR = ("linear", "bilinear", "trilinear")
WEIGHTED = (*LINEAR, "bicubic")
COPIES = {
    "nearest": "explain.upsample_nearest",
    "nearest-exact": "explain.upsample_nearest_exact",
    "area": "explain.upsample_area",
}
NAMES = "dhw"


def introduction(_: Facts) -> tuple[Sentence, ...]:
    """What upsampling does."""
    return (sentence("explain.upsample"), sentence("explain.pool_learns_nothing"))


def axes(facts: Facts) -> tuple[str, ...]:
    """The axes that are resized."""
    return tuple(NAMES[-(facts.input.rank - 2) :])


def size(facts: Facts) -> Said:
    """The size that was asked for, if one was."""
    if facts.arguments["size"] is None:
        return said(sentence("explain.upsample_size_none"))
    return said(sentence("explain.upsample_size", size=_size_text(facts.output.shape[2:])))


def scale_factor(facts: Facts) -> Said:
    """How many times as long the axes become, if that was given."""
    factor = facts.arguments["scale_factor"]
    if factor is None:
        return said(sentence("explain.upsample_factor_none"))
    own = factor if isinstance(factor, tuple) else (factor,) * (facts.input.rank - 2)
    before_after = zip(own, facts.input.shape[2:], facts.output.shape[2:], strict=True)
    is_rounded = any(times * before != after for times, before, after in before_after)
    rounded = (sentence("explain.upsample_rounded"),) if is_rounded else ()
    if isinstance(factor, tuple):
        return said(sentence("explain.upsample_factors", factors=tuple(map(numeral, factor))), *rounded)
    return said(sentence("explain.upsample_factor", factor=numeral(factor)), *rounded)


def mode(facts: Facts) -> Said:
    """Where the numbers between come from."""
    own = str(facts.layer.mode)
    if own in LINEAR:
        return said(sentence("explain.upsample_linear", neighbours=2 ** (facts.input.rank - 2)))
    if own == "bicubic":
        return said(sentence("explain.upsample_cubic"))
    return said(sentence(COPIES[own]), sentence("explain.upsample_doubled"), shown=(doubled(facts, None),))


def align_corners(facts: Facts) -> Said:
    """Whether the outermost results lie on the outermost pixels."""
    if facts.layer.mode not in WEIGHTED:
        return said(sentence("explain.corners_unused"))
    if facts.arguments["align_corners"]:
        return said(
            sentence("explain.corners"),
            trap=sentence("explain.corners_depend"),
            shown=(doubled(facts, True),),
        )
    words = "explain.corners_not_cubic" if facts.layer.mode == "bicubic" else "explain.corners_not"
    return said(sentence(words), shown=(doubled(facts, False),))


def recompute_scale_factor(facts: Facts) -> Said:
    """Whether positions follow from the sizes or from the factor."""
    if facts.arguments["scale_factor"] is None:
        return said(sentence("explain.recompute_unused"))
    return said(sentence("explain.recompute" if facts.arguments["recompute_scale_factor"] else "explain.recompute_not"))


def doubled(facts: Facts, corners: bool | None) -> str:
    """A row of four numbers made twice as long, by the interpolation itself."""
    own = str(facts.layer.mode)
    row = arange(1.0, 5.0).reshape(1, 1, 4)
    if own == "bicubic":
        result = F.interpolate(row.unsqueeze(2), scale_factor=(1.0, 2.0), mode=own, align_corners=corners)
    else:
        way = "linear" if own in LINEAR else own
        result = F.interpolate(row, scale_factor=2.0, mode=way, align_corners=corners if way == "linear" else None)
    return f"1 2 3 4 → {' '.join(map(numeral, result.reshape(-1).tolist()))}"


def _size_text(sizes_: Shape) -> str:
    return "×".join(map(str, sizes_))


def sizes(facts: Facts) -> tuple[SizeStep, ...]:
    """What was asked for, or the factor times what is there."""
    factor = facts.arguments["scale_factor"]
    steps = []
    for number, (axis, own, result) in enumerate(
        zip(axes(facts), facts.input.shape[2:], facts.output.shape[2:], strict=True)
    ):
        if factor is None:
            steps.append(SizeStep(axis, (f"{axis}_out = size = {result}",), result))
            continue
        times = factor[number] if isinstance(factor, tuple) else factor
        lines = (f"{axis}_out = ⌊{axis} · scale_factor⌋", f"= ⌊{own} · {times}⌋", f"= {result}")
        steps.append(SizeStep(axis, lines, result))
    return tuple(steps)


def images(layer: Module) -> tuple[Shape, ...]:
    """Images of as many axes as the mode is for."""
    factors = layer.scale_factor if isinstance(layer.scale_factor, tuple) else (layer.scale_factor or 1.0,)
    size = max(4, ceil(1 / max(min(factors), 1e-3)))  # what is left of it is a pixel at least
    return ({"linear": (1, size), "trilinear": (1, 1, size, size, size)}.get(layer.mode, (1, size, size)),)


SIZE: Argument = Argument(size, (6, 8, (8, 6)), beside={"scale_factor": None})
SCALE_FACTOR: Argument = Argument(scale_factor, (2.0, 3.0, 1.5, (1.0, 2.0)))
MODES = ("nearest", "nearest-exact", "area", "bilinear", "bicubic")

UPSAMPLE: Card = Card(
    introduction=introduction,
    arguments={
        "size": SIZE,
        "scale_factor": SCALE_FACTOR,
        "mode": Argument(mode, MODES),
        "align_corners": Argument(align_corners, (None, False, True), beside={"mode": "bilinear"}),
        "recompute_scale_factor": Argument(
            recompute_scale_factor, (None, False, True), beside={"mode": "bilinear", "scale_factor": 1.6}
        ),
    },
    example={"scale_factor": 2.0},
    inputs=images,
    source="https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html",
    size=sizes,
)


def older(facts: Facts) -> tuple[Sentence, ...]:
    """What an older name stands for."""
    mode_ = sentence("explain.upsampling_bilinear" if facts.layer.mode == "bilinear" else "explain.upsampling_nearest")
    return (sentence("explain.upsample"), mode_)


def card(name: str) -> Card:
    """The card of an older name."""
    return Card(
        introduction=older,
        arguments={"size": SIZE, "scale_factor": SCALE_FACTOR},
        example={"scale_factor": 2.0},
        inputs=images,
        source=f"https://pytorch.org/docs/stable/generated/torch.nn.{name}.html",
        size=sizes,
    )


UPSAMPLING_NEAREST2D: Card = card("UpsamplingNearest2d")
UPSAMPLING_BILINEAR2D: Card = card("UpsamplingBilinear2d")
