"""Samples: a program of a few lines for every value of every argument, and what it prints."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from math import prod

from knoll.analysis import trace
from knoll.explain.examples import Example, examples
from knoll.explain.programs import arrays, call_of, made, program
from knoll.nn import Module

LARGEST = 64  # numbers that are printed; of more only the shape, and that of the weights


@dataclass(frozen=True, slots=True)
class Sample:
    r"""A program that runs when it is pasted alone.

    >>> from knoll import nn
    >>> from knoll.explain.examples import Example
    >>> sample_of(Example(nn.MaxPool2d, "ceil_mode", True)).printed
    'tensor([[[[ 7.,  9., 10.],\n          [17., 19., 20.],\n          [22., 24., 25.]]]])\n'
    """

    program: str

    @property
    def printed(self) -> str:
        """What it prints: it is run."""
        text = io.StringIO()
        with redirect_stdout(text):
            exec(compile(self.program, "<sample>", "exec"), {})  # noqa: S102 (the program is written here)
        return text.getvalue()


def sample_of(example: Example) -> Sample:
    """The sample for one value of one argument."""
    layer = made(example)
    results = trace(layer, *arrays(example, layer)).outputs
    names = tuple(f"y{number}" for number in range(len(results))) if len(results) > 1 else ("y",)
    large = [prod(value.spec.shape) > LARGEST for value in results]
    shown = [
        f"print({name}.shape)" if is_large else f"print({name})" for name, is_large in zip(names, large, strict=True)
    ]
    if all(large) and any(name == "weight" and weight.ndim > 1 for name, weight in layer.named_parameters()):
        shown.insert(0, "print(layer.weight.shape)")
    return Sample("\n".join((*program(example), f"{', '.join(names)} = {call_of(example)}", *shown, "")))


def samples(kind: type[Module] | None = None) -> Iterator[tuple[Example, Sample]]:
    """A sample for every value of every argument of one kind of layer or of all."""
    for example in examples(kind):
        yield example, sample_of(example)
