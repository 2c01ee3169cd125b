"""From results back to the leaves: each program that ran gives the gradients of its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from knoll.graph import Array
from knoll.tensor.hooks import after_hooks
from knoll.tensor.origin import Origin, Place, Run

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


def accumulate(x: Tensor, gradient: Array) -> None:
    """Add a gradient to `grad`; the array is the tensor's own from now on if it is the first."""
    if x._grad is None:
        x._grad = x._over(gradient)
        return
    held = x._grad._realize()
    np.add(held, gradient, out=held)
    x._grad._version += 1


class Sweep:
    """One walk from results to the leaves: gradients that wait for their program, and gradients that arrived.

    A leaf gets its gradient once, when all of it is there. Without `wanted` the gradient is added to its `grad`;
    with it only what leads to those places is walked, and their gradients are left in `found`.
    """

    def __init__(self, keep: bool, wanted: frozenset[Place] | None = None) -> None:
        self.found: dict[Place, Array] = {}
        self._keep = keep
        self._wanted = wanted
        self._waiting: dict[Run, list[Array | None]] = {}
        self._arrived: dict[Tensor, Array] = {}
        self._used: dict[int, Array] = {}

    def walk(self, roots: Sequence[tuple[Place, Array]]) -> None:
        """Begin at some results, each with its gradient."""
        for place, seed in roots:
            self._claim(seed)  # it is the caller's own
            self._send(place, seed)
        runs = _newest_first([place.run for place, _ in roots if isinstance(place, Origin)])
        needed = self._needed(runs)
        complete = self._complete(runs)
        for run in runs:
            self._pass(run, run in needed)
            for leaf in complete.get(run, ()):
                self._deliver(leaf)
        for leaf in tuple(self._arrived):
            self._deliver(leaf)

    @staticmethod
    def _complete(runs: Sequence[Run]) -> dict[Run, list[Tensor]]:
        """The leaves with hooks whose gradient is whole after each run, in PyTorch's order: used last, told first."""
        last: dict[Tensor, tuple[Run, int]] = {}
        for run in runs:
            for source, index in zip(run.sources, () if run.spent else run.wanted, strict=True):
                if not isinstance(source, Origin) and source._hooks:
                    reader = run.graph.readers[run.graph.inputs[index]][0]
                    last[source] = run, run.graph.numbers[reader.outputs[0]]
        complete: dict[Run, list[Tensor]] = {}
        for leaf, (run, _) in sorted(last.items(), key=lambda item: -item[1][1]):
            complete.setdefault(run, []).append(leaf)
        return complete

    def _needed(self, runs: Sequence[Run]) -> set[Run]:
        """The runs whose backward leads to a wanted place; one that is spent says so itself, unless it is the goal."""
        if self._wanted is None:
            return set(runs)
        goals = {place.run for place in self._wanted if isinstance(place, Origin)}
        needed: set[Run] = set()
        for run in reversed(runs):
            leads = any(s in self._wanted or (isinstance(s, Origin) and s.run in needed) for s in run.sources)
            if leads or (run.spent and run not in goals):
                needed.add(run)
        return needed

    def _pass(self, run: Run, needed: bool) -> None:
        """Go through one run, once the gradients of its outputs are all there."""
        doutputs = self._waiting.pop(run, None)
        if doutputs is None:
            return
        doutputs = self._seen(run, doutputs)
        if not needed:
            return
        if run.hook is not None:
            doutputs = run.hook(doutputs)
        sources = run.sources
        dinputs = list(zip(sources, run.backward(doutputs, self._keep), strict=True))
        for source, dinput in sorted(dinputs, key=lambda pair: isinstance(pair[0], Origin), reverse=True):
            if dinput is not None:
                self._send(source, dinput)

    def _seen(self, run: Run, doutputs: list[Array | None]) -> list[Array | None]:
        """The gradients of the outputs, after those who asked for them have seen them."""
        for index, hooks in run.hooks.items():
            doutput = doutputs[index]
            doutputs[index] = None if doutput is None else after_hooks(hooks, doutput)
        for index, reference in run.retained.items():
            tensor, doutput = reference(), doutputs[index]
            if tensor is not None and doutput is not None:
                accumulate(tensor, doutput.copy())
        for place in self._wanted or ():
            if isinstance(place, Origin) and place.run is run and (doutput := doutputs[place.index]) is not None:
                self.found[place] = doutput.copy()
        return doutputs

    def _send(self, place: Place, gradient: Array) -> None:
        """Bring a gradient to a leaf, or to the program that comes next."""
        if isinstance(place, Origin):
            slots = self._waiting.setdefault(place.run, [None] * len(place.run.graph.outputs))
            held = slots[place.index]
            slots[place.index] = gradient if held is None else np.asarray(held + gradient)  # also without axes
            self._claim(gradient)
        elif self._wanted is not None and place not in self._wanted:
            return
        elif (held := self._arrived.get(place)) is not None:
            np.add(held, gradient, out=held)
        else:
            self._arrived[place] = np.asarray(gradient) if self._claim(gradient) else np.array(gradient)

    def _deliver(self, leaf: Tensor) -> None:
        """Give a leaf its whole gradient."""
        gradient = self._arrived.pop(leaf, None)
        if gradient is None:
            return
        if leaf._hooks:
            gradient = after_hooks(leaf._hooks, gradient)
        if self._wanted is None:
            accumulate(leaf, gradient)
        else:
            self.found[leaf] = gradient

    def _claim(self, gradient: Array) -> bool:
        """Whether nobody in this sweep has the array yet: one array may be the gradient of several tensors."""
        owner = gradient if gradient.base is None else gradient.base
        free = owner is gradient and id(gradient) not in self._used
        self._used[id(owner)] = gradient
        return free


def _newest_first(roots: Iterable[Run]) -> list[Run]:
    """Runs in an order in which each comes after all that used its results."""
    order: dict[Run, None] = {}
    stack = [(run, False) for run in roots]
    while stack:
        run, done = stack.pop()
        if run in order:
            continue
        if done:
            order[run] = None
            continue
        stack.append((run, True))
        stack.extend((source.run, False) for source in run.sources if isinstance(source, Origin))
    return list(reversed(order))
