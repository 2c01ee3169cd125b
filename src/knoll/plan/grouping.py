"""How vectors hold the groups of channels of a convolution.

Where a vector holds whole groups, each lane reads for itself (depthwise kernels). Elsewhere each group begins a vector
of its own, and the kernels of dense convolutions run group by group; where groups have to be padded for that, a copy
removes the padding. A dense convolution is one group.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import round_up
from knoll.kernels.layout.lanes import Lanes
from knoll.kernels.layout.layout import Images


@dataclass(frozen=True)
class Grouping:
    """The channels that each group writes and reads, and how vectors of `lanes` channels hold them."""

    groups: int
    outputs: int
    inputs: int
    lanes: int

    @property
    def is_dense(self) -> bool:
        """Whether there is one group."""
        return self.groups == 1

    @property
    def lanewise(self) -> bool:
        """Whether a vector holds whole groups."""
        return not self.is_dense and Lanes(self.outputs, self.inputs, self.lanes).serve

    @property
    def pads_groups(self) -> bool:
        """Whether groups are padded so that each begins a vector of its own."""
        return not (self.is_dense or self.lanewise) and self.outputs % self.lanes > 0

    @property
    def padded_outputs(self) -> int:
        """Outputs of a group with their padding."""
        return round_up(self.outputs, self.lanes) if self.pads_groups else self.outputs

    @property
    def per_group(self) -> tuple[int, int]:
        """Outputs and inputs of one group, as kernels see them."""
        return self.padded_outputs, self.inputs

    def block(self, images: Images, given: bool) -> int:
        """Channels in a block of what is read: single ones where groups cut through blocks."""
        if given and images.c < self.lanes and not self.lanewise:
            return images.c
        whole = self.is_dense or self.lanewise or 0 in (self.inputs % self.lanes, self.lanes % self.inputs)
        return self.lanes if whole else 1

    def padded(self, images: Images) -> Images:
        """Images of outputs whose groups begin blocks of their own."""
        return Images(self.groups * self.padded_outputs, images.h, images.w, self.lanes)


def forward_grouping(shape: tuple[int, ...], groups: int, lanes: int) -> Grouping:
    """Of a convolution with weights of this shape, and of its weight gradient."""
    return Grouping(groups, shape[0] // groups, shape[1], lanes)


def backward_grouping(shape: tuple[int, ...], groups: int, lanes: int) -> Grouping:
    """Of the gradient by the input."""
    return Grouping(groups, shape[1], shape[0] // groups, lanes)
