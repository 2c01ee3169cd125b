"""The compiler's passes over a graph, in the order in which they run.

Each makes a graph cheaper and leaves its meaning as it is. Production, tests and `KNOLL_SHOW=passes` all run this list;
differentiation (`graph/gradient.py`) and lowering (`plan/lower.py`) come after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from knoll.graph import Graph
from knoll.messages import say
from knoll.plan.passes.adaptive_pooling import even_windows_to_pooling
from knoll.plan.passes.early_pooling import pool_before_activations
from knoll.plan.passes.fold_batch_norm import fold_batch_norm
from knoll.plan.passes.identities import drop_identities
from knoll.plan.passes.masks import masks_to_numbers
from knoll.plan.passes.mean_to_pooling import mean_to_pooling
from knoll.plan.passes.permutations import merge_permutations
from knoll.plan.passes.permuted_parts import pick_before_permuting
from knoll.plan.passes.places_unread import drop_unread_places
from knoll.plan.passes.slices import simplify_slices
from knoll.plan.passes.stacked import stack_behind_samples
from knoll.plan.passes.standardization import fuse_standardization
from knoll.plan.passes.stop_gradient import drop_stop_gradient
from knoll.plan.passes.unbatched import batch_unbatched
from knoll.plan.passes.windows import windows_to_axis


@dataclass(frozen=True)
class Pass:
    """One pass; it returns the same graph where it changes nothing."""

    name: str
    run: Callable[[Graph], Graph]
    inference_only: bool = False

    @property
    def sentence(self) -> str:
        """What it does, in the language spoken now."""
        return say(f"plan.{self.name}")


PASSES = (
    Pass("drop_stop_gradient", drop_stop_gradient, inference_only=True),
    Pass("fold_batch_norm", fold_batch_norm, inference_only=True),
    Pass("batch_unbatched", batch_unbatched),
    Pass("drop_identities", drop_identities),
    Pass("pick_before_permuting", pick_before_permuting),
    Pass("drop_unread_places", drop_unread_places),
    Pass("stack_behind_samples", stack_behind_samples),
    Pass("masks_to_numbers", masks_to_numbers),
    Pass("windows_to_axis", windows_to_axis),
    Pass("merge_permutations", merge_permutations),
    Pass("simplify_slices", simplify_slices),
    Pass("even_windows_to_pooling", even_windows_to_pooling),
    Pass("pool_before_activations", pool_before_activations),
    Pass("mean_to_pooling", mean_to_pooling),
    Pass("fuse_standardization", fuse_standardization),
)


def simplify(graph: Graph, differentiated: bool, changed: Callable[[Pass, Graph], None] | None = None) -> Graph:
    """The graph after all passes that apply; `changed` is called with each pass that changed it, and the new graph."""
    for each in PASSES:
        if each.inference_only and differentiated:
            continue
        after = each.run(graph)
        if after is not graph and changed is not None:
            changed(each, after)
        graph = after
    return graph
