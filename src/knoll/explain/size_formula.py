"""The size formula of a sliding window with its numbers filled in, step by step."""

from __future__ import annotations

from knoll.explain.parts import SizeStep
from knoll.graph import Window
from knoll.graph.sizes import ceil_div


def sliding_steps(axis: str, size: int, window: Window, *, dilates: bool = True, pads: bool = True) -> SizeStep:
    r"""How many windows fit an axis of `size` elements, worked out.

    A layer that never dilates, or never pads, has a shorter formula.

    >>> from knoll.graph import Window
    >>> print(*sliding_steps("h", 32, Window(kernel=3, stride=2, before=1, after=1)).lines, sep="\n")
    h_out = ⌊(h + 2·padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1
    = ⌊(32 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1
    = ⌊31 / 2⌋ + 1
    = 15 + 1
    = 16
    """
    left, right = ("⌈", "⌉") if window.ceil else ("⌊", "⌋")
    before, after = window.before, window.after
    padding, added = ("2·padding", f"2·{before}") if before == after else ("before + after", f"{before} + {after}")
    padding, added = (f" + {padding}", f" + {added}") if pads else ("", "")
    name = "dilation·(kernel_size − 1) − 1" if dilates else "kernel_size"
    span = f"{window.dilation}·({window.kernel} − 1) − 1" if dilates else str(window.kernel)
    room = size + before + after - window.span
    steps = ceil_div(room, window.stride) if window.ceil else room // window.stride
    lines = [
        f"{axis}_out = {left}({axis}{padding} − {name}) / stride{right} + 1",
        f"= {left}({size}{added} − {span}) / {window.stride}{right} + 1",
        f"= {left}{room} / {window.stride}{right} + 1",
        f"= {steps} + 1",
        f"= {steps + 1}",
    ]
    result = window.positions(size)
    if result != steps + 1:  # the window that `ceil` adds would begin behind the axis and the padding before it
        lines.append(f"{steps + 1} − 1 = {result}")
    return SizeStep(axis, tuple(lines), result)
