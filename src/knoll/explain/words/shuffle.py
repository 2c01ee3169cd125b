"""Words about layers that move numbers between channels and pixels, or among channels."""

from __future__ import annotations

from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import SizeStep
from knoll.messages import Sentence, sentence
from knoll.nn import functional as F
from knoll.tensor import arange

LONGEST = 12  # channels whose order is written out


def upscale_factor(facts: Facts) -> Said:
    """How many channels become one square."""
    r = facts.arguments["upscale_factor"]
    if r == 1:
        return said(sentence("explain.factor_one"))
    return said(sentence("explain.upscale_factor", r=r, channels=r * r))


def downscale_factor(facts: Facts) -> Said:
    """How large the squares are that become channels."""
    r = facts.arguments["downscale_factor"]
    if r == 1:
        return said(sentence("explain.factor_one"))
    return said(sentence("explain.downscale_factor", r=r, channels=r * r))


def groups(facts: Facts) -> Said:
    """From which channels the output takes its channels in turn."""
    count, channels = facts.arguments["groups"], facts.input.shape[1]
    if count in (1, channels):
        return said(sentence("explain.shuffle_same"))
    words = sentence("explain.shuffle_groups", groups=count, each=channels // count)
    if channels > LONGEST:
        return said(words)
    order = F.channel_shuffle(arange(0.0, channels).reshape(1, channels, 1), count).reshape(-1).tolist()
    line = " ".join(str(int(each)) for each in order)
    return said(words, shown=(sentence("explain.shuffle_order", order=line),))


def enlarged(facts: Facts) -> tuple[SizeStep, ...]:
    """Fewer channels, more rows and columns."""
    r, (c, h, w) = facts.arguments["upscale_factor"], facts.input.shape[-3:]
    return (
        SizeStep("c", ("c_out = c / upscale_factor²", f"= {c} / {r}²", f"= {c // r**2}"), c // r**2),
        SizeStep("h", ("h_out = h · upscale_factor", f"= {h} · {r}", f"= {h * r}"), h * r),
        SizeStep("w", ("w_out = w · upscale_factor", f"= {w} · {r}", f"= {w * r}"), w * r),
    )


def shrunk(facts: Facts) -> tuple[SizeStep, ...]:
    """More channels, fewer rows and columns."""
    r, (c, h, w) = facts.arguments["downscale_factor"], facts.input.shape[-3:]
    return (
        SizeStep("c", ("c_out = c · downscale_factor²", f"= {c} · {r}²", f"= {c * r**2}"), c * r**2),
        SizeStep("h", ("h_out = h / downscale_factor", f"= {h} / {r}", f"= {h // r}"), h // r),
        SizeStep("w", ("w_out = w / downscale_factor", f"= {w} / {r}", f"= {w // r}"), w // r),
    )


def introduction(name: str) -> tuple[Sentence, ...]:
    """What such a layer does."""
    return (sentence(f"explain.{name}"), sentence("explain.only_moves"))


PIXEL_SHUFFLE: Card = Card(
    introduction=lambda _: introduction("pixel_shuffle"),
    arguments={"upscale_factor": Argument(upscale_factor, (1, 2, 3))},
    example={"upscale_factor": 2},
    inputs=lambda layer: ((layer.upscale_factor**2, 3, 3),),
    source="https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html",
    size=enlarged,
)
PIXEL_UNSHUFFLE: Card = Card(
    introduction=lambda _: introduction("pixel_unshuffle"),
    arguments={"downscale_factor": Argument(downscale_factor, (1, 2, 3))},
    example={"downscale_factor": 2},
    inputs=lambda layer: ((1, *(6 if 6 % layer.downscale_factor == 0 else 2 * layer.downscale_factor,) * 2),),
    source="https://pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html",
    size=shrunk,
)
CHANNEL_SHUFFLE: Card = Card(
    introduction=lambda _: introduction("channel_shuffle"),
    arguments={"groups": Argument(groups, (1, 2, 3), others=lambda _: ())},
    example={"groups": 2},
    inputs=lambda layer: ((6 if 6 % layer.groups == 0 else 2 * layer.groups, 2, 2),),
    source="https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html",
)
