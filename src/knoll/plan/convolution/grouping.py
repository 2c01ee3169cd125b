"""How the channels of grouped convolutions are divided among vectors.

If a vector holds whole groups, each lane reads the inputs of its own group (depthwise kernels). Otherwise each group
starts at a new vector, and the kernels of dense convolutions run group by group; groups are padded for that if needed,
and a copy removes the padding. A dense convolution has one group.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import round_up
from knoll.kernels.layout.lanes import GroupLanes
from knoll.kernels.layout.layout import Images


@dataclass(frozen=True)
class Grouping:
    """The number of groups, the output and input channels of each, and the lanes of a vector."""

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
        """Whether one vector holds several whole groups."""
        return not self.is_dense and GroupLanes(self.outputs, self.inputs, self.lanes).hold_whole_groups

    @property
    def pads_groups(self) -> bool:
        """Whether groups are padded so that each starts at a new vector."""
        return not (self.is_dense or self.lanewise) and self.outputs % self.lanes > 0

    @property
    def padded_outputs(self) -> int:
        """Output channels of a group, padding included."""
        return round_up(self.outputs, self.lanes) if self.pads_groups else self.outputs

    @property
    def per_group(self) -> tuple[int, int]:
        """(outputs, inputs) of one group for the kernels, padding included."""
        return self.padded_outputs, self.inputs

    def block(self, images: Images, given: bool) -> int:
        """The block size of the layout that is read; 1 if a block would hold parts of several groups."""
        if given and images.c < self.lanes and not self.lanewise:
            return images.c
        whole = self.is_dense or self.lanewise or 0 in (self.inputs % self.lanes, self.lanes % self.inputs)
        return self.lanes if whole else 1

    def padded(self, images: Images) -> Images:
        """The layout of outputs in which each group starts at a new block."""
        return Images(self.groups * self.padded_outputs, images.h, images.w, self.lanes)


def forward_grouping(shape: tuple[int, ...], groups: int, lanes: int) -> Grouping:
    """The grouping of a convolution with weights of this shape, and of its weight gradient."""
    return Grouping(groups, shape[0] // groups, shape[1], lanes)


def backward_grouping(shape: tuple[int, ...], groups: int, lanes: int) -> Grouping:
    """The grouping of the input gradient."""
    return Grouping(groups, shape[1], shape[0] // groups, lanes)
