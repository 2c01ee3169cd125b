"""What all views may look at: the pictures that were given, the networks that were walked through, the runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Event

from knoll.lab.image import Images
from knoll.lab.progress import Progress
from knoll.lab.runs import Runs
from knoll.lab.walk_cache import Walks
from knoll.lab.weights import WeightFiles
from knoll.nn import Module


@dataclass(frozen=True, eq=False)
class Resources:
    """What all views share: the pictures that were given, a network of the person's, the folder of runs.

    `progress` tells what is being done for them; `ending` is set when the lab is about to end.
    """

    images: Images = field(default_factory=Images)
    network: Module | None = None
    runs: Path | None = None
    progress: Progress = field(default_factory=Progress)
    ending: Event = field(default_factory=Event)

    @cached_property
    def trainings(self) -> Runs:
        """The runs of the folder, as far as they have been read."""
        return Runs(self.runs)

    @cached_property
    def walks(self) -> Walks:
        """The networks that were walked through last."""
        return Walks(self.network, self.runs, self.weights, self.progress)

    @cached_property
    def weights(self) -> WeightFiles:
        """The files of weights that were given."""
        return WeightFiles()
