"""Aliases and changes in place: every tensor sees what is changed through another, exactly as in PyTorch.

Random programs of views, `detach`, arrays and changes in place run in both libraries, in Knoll once inside a recording
and once outside; at the end all tensors, all arrays and the gradients are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import knoll
from knoll import nn

torch = pytest.importorskip("torch")

VIEWS: dict[str, Callable[[Any], Any]] = {
    "row": lambda t: t[0],
    "rows": lambda t: t[1:],
    "last": lambda t: t[..., -1],
    "every other": lambda t: t[..., ::2],
    "all": lambda t: t[:],
    "transposed": lambda t: t.transpose(0, -1),
    "T": lambda t: t.permute(tuple(reversed(range(t.dim())))),
    "flat": lambda t: t.flatten(),
    "reshaped": lambda t: t.reshape(-1, 2),
    "viewed": lambda t: t.view(-1),
    "axis more": lambda t: t.unsqueeze(1),
    "axis less": lambda t: t.squeeze(),
    "expanded": lambda t: t.expand(2, *t.shape),
    "second chunk": lambda t: t.chunk(2)[-1],
    "first of unbind": lambda t: t.unbind()[0],
    "split": lambda t: t.split(1, -1)[0],
    "diagonal": lambda t: t.diagonal(1, 0, -1),
    "pairs": lambda t: t.unfold(-1, 2, 2),
    "narrow": lambda t: t.narrow(-1, 1, 2),
    "chosen": lambda t: t.select(-1, 1),
    "moved": lambda t: t.movedim(0, -1),
    "apart": lambda t: t.unflatten(0, (-1, 1)),
    "detached": lambda t: t.detach(),
    "contiguous": lambda t: t.contiguous(),
    "twice": lambda t: (t * 2).contiguous(),
}


class Change(NamedTuple):
    """What a change in place works with: the library, the tensor, and a number that is learned."""

    lib: Any
    t: Any
    s: Any


CHANGES: dict[str, Callable[[Change], Any]] = {
    "add": lambda c: c.t.add_(3),
    "multiply": lambda c: c.t.mul_(2),
    "multiply by learned": lambda c: c.t.mul_(c.s),
    "add learned": lambda c: c.t.add_(c.s),
    "+=": lambda c: c.t.__iadd__(c.s * c.s),
    "zero": lambda c: c.t.zero_(),
    "fill": lambda c: c.t.fill_(4),
    "copy": lambda c: c.t.copy_(c.t.detach().flatten()[0] + 1),
    "copy learned": lambda c: c.t.copy_(c.s),
    "set": lambda c: c.t.__setitem__(0, 7),
    "set learned": lambda c: c.t.__setitem__((..., 0), c.s),
    "relu": lambda c: c.lib.nn.functional.relu(c.t, inplace=True),
    "clamp": lambda c: c.t.clamp_(-1, 2),
    "negative": lambda c: c.t.neg_(),
    "mask": lambda c: c.t.masked_fill_(c.t > 2, -1),
    "itself": lambda c: c.t.copy_(c.t),
}
ENTRIES = st.tuples(
    st.sampled_from(["view"] * 4 + ["change"] * 3 + ["change apart", "sum", "read", "array"]),
    st.integers(0, 50),
    st.integers(0, 50),
)
REFUSED = ("more than one element", "a leaf Variable", "a view of a leaf", "view size is not compatible")
DECLARED = ("returns multiple views", "no_grad mode and is being modified")  # only PyTorch refuses these


class Stopped(Exception):  # noqa: N818 (the end of a program)
    """PyTorch refuses what Knoll does: the program ends before it."""


class Run:
    """One program in one library."""

    def __init__(self, lib: Any, learned: bool, length: int | None = None) -> None:
        self.lib = lib
        self.scale = lib.tensor(1.5, requires_grad=True)
        self.weight = lib.tensor([[1.0, -2.0, 3.0, 0.5], [4.0, 5.0, -6.0, 2.0]], requires_grad=learned)
        self.tensors = [self.weight * 1 if learned else self.weight]
        self.arrays: list[Any] = []
        self.log: list[Any] = []
        self.length = length

    def go(self, program: list[tuple[str, int, int]]) -> int:
        """Run the entries; how many were run."""
        for number, entry in enumerate(program):
            if self.length is not None and number >= self.length:
                return number
            try:
                self._do(*entry)
            except Stopped:
                return number
        return len(program)

    def _do(self, kind: str, which: int, how: int) -> None:
        t = self.tensors[which % len(self.tensors)]
        try:
            if self.lib is torch:
                _ = t.grad_fn  # PyTorch takes a view for a leaf until it was asked
            if kind == "view":
                self.tensors.append(list(VIEWS.values())[how % len(VIEWS)](t))
            elif kind == "sum":
                self.log.append((t * self.scale).sum())
            elif kind == "read":
                self.log.append(t.tolist())
            elif kind == "array":
                self.arrays.append(t.detach().numpy())
            else:
                self._change(t, how, apart=kind == "change apart")
        except (RuntimeError, ValueError, IndexError) as error:
            words = str(error).split("\n")[0]
            if any(part in words for part in DECLARED):
                raise Stopped from None
            self.log.append(words if any(part in words for part in REFUSED) else "refused")

    def _change(self, t: Any, how: int, apart: bool) -> None:
        change = list(CHANGES.values())[how % len(CHANGES)]
        if apart:
            with self.lib.no_grad():
                change(Change(self.lib, t, self.scale))
        else:
            change(Change(self.lib, t, self.scale))

    def gradients(self) -> Any:
        """Those of everything together, or what PyTorch says."""
        loss = sum((t * t).sum() for t in self.tensors if t.requires_grad)
        loss = loss + sum(entry for entry in self.log if not isinstance(entry, (str, list, float)))
        if isinstance(loss, int) or not loss.requires_grad:
            return None
        loss.backward()
        return [tensor.grad for tensor in (self.scale, self.weight) if tensor.is_leaf]


def _check(program: list[tuple[str, int, int]], learned: bool, inside: bool) -> None:
    theirs = Run(torch, learned)
    length = theirs.go(program)
    ours = Run(knoll, learned, length)

    class Inside(nn.Module):
        def forward(self) -> None:
            ours.go(program)

    Inside()() if inside else ours.go(program)
    for a, b in zip(ours.tensors, theirs.tensors, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-5, err_msg=str(program[:length]))
    for a, b in zip(ours.arrays, theirs.arrays, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    for a, b in zip(ours.log, theirs.log, strict=True):
        assert a == b if isinstance(b, (str, list, float)) else np.allclose(a.item(), b.item(), rtol=1e-5)
    try:
        expected = theirs.gradients()
    except RuntimeError:
        return  # PyTorch lost numbers that backward needs, or a view that it cannot differentiate
    found = ours.gradients()
    assert (found is None) == (expected is None)
    for a, b in zip(found or [], expected or [], strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, err_msg=str(program[:length]))


@pytest.mark.parametrize("inside", [False, True], ids=["outside", "inside"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(program=st.lists(ENTRIES, min_size=2, max_size=8), learned=st.booleans())
def test_every_alias_sees_every_change(inside: bool, program: list[tuple[str, int, int]], learned: bool) -> None:
    _check(program, learned, inside)
