"""Words about adaptive pooling: an image shared out among a number of windows."""

from __future__ import annotations

from knoll.document import Line
from knoll.explain.card import Argument, Said, said
from knoll.explain.facts import Facts
from knoll.explain.parts import SizeStep
from knoll.graph import AdaptiveWindow
from knoll.messages import Sentence, sentence

WINDOWS = 8  # of an axis that are listed; of more the first and the last ones


def shared_out(facts: Facts, what: str) -> Sentence:
    """What adaptive pooling does."""
    rows, columns = facts.output.shape[-2:]
    return sentence(f"explain.adaptive_{what}", rows=rows, columns=columns)


def shares(facts: Facts) -> tuple[AdaptiveWindow, AdaptiveWindow]:
    """How rows and columns are shared out."""
    rows, columns = (
        AdaptiveWindow(size, count) for size, count in zip(facts.input.shape[-2:], facts.output.shape[-2:], strict=True)
    )
    return rows, columns


def output_size(facts: Facts) -> Said:
    """How many windows there are, and where each begins and ends."""
    own = shares(facts)
    words = [sentence("explain.output_size")]
    if None in (facts.arguments["output_size"], *_output_size(facts)):
        words.append(sentence("explain.output_size_none"))
    if facts.output.shape[-2:] == (1, 1):
        words.append(sentence("explain.output_size_one"))
    elif not all(share.is_even or not share.count for share in own):
        words.append(sentence("explain.output_size_uneven"))
    names = ("explain.rows_shared", "explain.columns_shared")
    lines: tuple[Line, ...] = tuple(
        sentence(name, windows=listed(share)) for name, share in zip(names, own, strict=True) if share.count
    )
    return said(*words, shown=lines)


def _output_size(facts: Facts) -> tuple[int | None, ...]:
    size = facts.arguments["output_size"]
    return size if isinstance(size, tuple) else (size, size)


def listed(share: AdaptiveWindow) -> str:
    """The first and the last place of each window."""
    ends = zip(share.starts().tolist(), (share.stops() - 1).tolist(), strict=True)
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in ends]
    return " | ".join(texts if len(texts) <= WINDOWS else [*texts[: WINDOWS - 2], "…", texts[-1]])


def adaptive_sizes(facts: Facts) -> tuple[SizeStep, ...]:
    """What was asked for."""
    axes = zip("hw", _output_size(facts), facts.output.shape[-2:], strict=True)
    return tuple(
        SizeStep(axis, (f"{axis}_out = {axis if wanted is None else 'output_size'} = {result}",), result)
        for axis, wanted, result in axes
    )


OUTPUT_SIZE: Argument = Argument(output_size, (1, 2, 3, (3, None)))
