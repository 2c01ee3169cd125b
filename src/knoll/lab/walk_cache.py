"""The walks through networks that were asked for last: made once while a person looks at layer after layer."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path

from knoll.errors import ArgumentError, KnollError, quoted
from knoll.graph import Array
from knoll.lab.chosen_network import FILE, OWN, RUN, Chosen, network_named, of_file, run_named, with_weights
from knoll.lab.progress import Progress
from knoll.lab.walk import Walk, walk
from knoll.lab.weights import WeightFiles
from knoll.messages import say, sentence
from knoll.nn import Module
from knoll.train.run_folder import RunFolder

KEPT = 2


class Walks:
    """Walks by the network and the picture; the one that was not looked at for longest is forgotten first."""

    own: Module | None
    runs: Path | None
    weights: WeightFiles | None

    progress: Progress

    def __init__(
        self,
        own: Module | None = None,
        runs: Path | None = None,
        weights: WeightFiles | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.own, self.runs, self.weights = own, runs, weights
        self.progress = progress or Progress()
        self._kept: OrderedDict[tuple[object, ...], Walk] = OrderedDict()

    def walk(self, name: str, pixels: Array, size: int, weights: str = "") -> Walk:
        """The walk of a picture through the network of a name, with the weights of a file if one is named.

        Raises what `network_named`, `with_weights` and `walk` raise.
        """
        key = (name, weights, hashlib.sha256(pixels.tobytes()).digest(), size, self._written(name))
        found = self._kept.pop(key, None) or self._walked(name, weights, pixels, size)
        self._kept[key] = found
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _walked(self, name: str, weights: str, pixels: Array, size: int) -> Walk:
        with self.progress.doing(sentence("lab_network.making")):
            chosen = self._network(name, weights)
        try:
            with self.progress.doing(sentence("lab_network.following")):
                return walk(chosen, pixels, size)
        except KnollError:
            raise
        except Exception as error:
            if name != OWN:
                raise
            reason = quoted(f"{type(error).__name__}: {error}")
            raise ArgumentError(say("lab_network.own_fails", reason=reason)) from error  # the person's own code

    def _network(self, name: str, weights: str) -> Chosen:
        path = self.weights.path if self.weights is not None else None
        if name.startswith(FILE) and path is not None:
            return of_file(name, path(name.removeprefix(FILE)))
        chosen = network_named(name, self.own, self.runs)
        return with_weights(chosen, path(weights)) if weights and path is not None else chosen

    def _written(self, name: str) -> int:
        """When the weights of a run were written, which are others after each epoch; 0 for another network."""
        if not name.startswith(RUN):
            return 0
        try:
            return RunFolder(run_named(name.removeprefix(RUN), self.runs)).weights.stat().st_mtime_ns
        except OSError:
            return 0
