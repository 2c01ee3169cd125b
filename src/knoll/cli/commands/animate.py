"""`knoll animate`."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from rich.console import Console
from rich.text import Text

from knoll.cli.options import COMMON, Common, flag, option
from knoll.cli.printing import print_note
from knoll.cli.targets import looked_at, shapes_of
from knoll.errors import ArgumentError
from knoll.messages import Sentence, say


def animate(
    layer: Annotated[str, option("target")],
    *words: Annotated[str, option("shapes")],
    image: Annotated[Path | None, option("image")] = None,
    input: Annotated[tuple[str, ...], option("input")] = (),
    backward: Annotated[bool, flag("backward")] = False,
    compare: Annotated[tuple[str, ...], option("compare")] = (),
    head: Annotated[int | None, option("head")] = None,
    out: Annotated[Path | None, option("animation_out")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Show a layer at work, number by number."""
    from knoll.animate import animate as animated
    from knoll.animate.given import fitting, pixels
    from knoll.explain.training.reading import is_training

    if is_training(layer):
        raise ArgumentError(say("animate.no_training"), got=layer, advice=f"knoll explain {layer!r}")
    found, shapes = looked_at(layer), shapes_of(words, input)
    made, own = found.module, (found.shape,) if found.shape else ()
    shown = shapes or own or fitting(made)
    notes: tuple[Sentence, ...] = ()
    if image is not None:
        picture, notes = pixels(made, image, shapes[0] if shapes else None)
        shown = (picture, *shapes[1:])
    animation = animated(made, *shown, backward=backward, compare=_changes(compare) if compare else None, head=head)
    path = out or Path(f"{type(made).__name__}.html")
    animation.save(path)
    console = Console()
    console.print(Text(str(animation.title).strip(), style="bold"), soft_wrap=True)
    for note in notes:
        print_note(console, str(note))
    console.print(say("animate.saved", path=path, frames=len(animation.frames)), soft_wrap=True, highlight=False)
    return 0


def _changes(texts: Sequence[str]) -> dict[str, object]:
    """Arguments as they are typed: stride=2. Raises ArgumentError."""
    found: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ArgumentError(say("animate.not_a_change"), expected="stride=2", got=text)
        try:
            found[name.strip()] = ast.literal_eval(value.strip())
        except (ValueError, SyntaxError):
            found[name.strip()] = value.strip()  # padding_mode=reflect
    return found
