"""The layers as functions, as `torch.nn.functional`: what every module calls with its own parameters."""
# ruff: noqa: F403 (each module states its public names; a new function needs no line here)

from typing import TYPE_CHECKING

from knoll.absent import absent as _absent
from knoll.calls import advise as _advise
from knoll.nn.functional.attention import *
from knoll.nn.functional.average_pool import *
from knoll.nn.functional.batch_norm import *
from knoll.nn.functional.binary_cross_entropy import *
from knoll.nn.functional.conv import *
from knoll.nn.functional.conv1d import *
from knoll.nn.functional.conv_transpose import *
from knoll.nn.functional.cross_entropy import *
from knoll.nn.functional.difference import *
from knoll.nn.functional.distance import *
from knoll.nn.functional.dropout import *
from knoll.nn.functional.elu import *
from knoll.nn.functional.embedding import *
from knoll.nn.functional.fractional_max_pool import *
from knoll.nn.functional.glu import *
from knoll.nn.functional.grid_sample import *
from knoll.nn.functional.group_norm import *
from knoll.nn.functional.huber import *
from knoll.nn.functional.instance_norm import *
from knoll.nn.functional.layer_norm import *
from knoll.nn.functional.likelihood import *
from knoll.nn.functional.linear import *
from knoll.nn.functional.local_response_norm import *
from knoll.nn.functional.lp_pool import *
from knoll.nn.functional.margin import *
from knoll.nn.functional.max_pool import *
from knoll.nn.functional.multi_margin import *
from knoll.nn.functional.nll import *
from knoll.nn.functional.pad import *
from knoll.nn.functional.piecewise import *
from knoll.nn.functional.pool1d import *
from knoll.nn.functional.prelu import *
from knoll.nn.functional.scaled_attention import *
from knoll.nn.functional.self_gated import *
from knoll.nn.functional.shuffle import *
from knoll.nn.functional.sigmoid import *
from knoll.nn.functional.softmax import *
from knoll.nn.functional.softplus import *
from knoll.nn.functional.unfold import *
from knoll.nn.functional.upsample import *

# Functions that PyTorch has in C++
_QUOTED = """
adaptive_avg_pool1d avg_pool1d avg_pool2d bilinear celu_ channel_shuffle conv_transpose1d conv_transpose2d
cosine_similarity elu_ gelu hardshrink hardtanh_ leaky_relu_ linear logsigmoid one_hot pairwise_distance pdist
pixel_shuffle pixel_unshuffle prelu relu_ rrelu_ scaled_dot_product_attention selu_ softplus softshrink threshold_
"""

if not TYPE_CHECKING:  # type checkers take for public what star imports bring
    __all__ = sorted(
        name
        for name, thing in globals().items()
        if getattr(thing, "__module__", "").startswith("knoll.") and not name.startswith("_")
    )

    _advise(__name__, _QUOTED.split())

    def __getattr__(name: str) -> object:
        """Say what to write in place of a name that is not there."""
        raise _absent("knoll.nn.functional", name, __all__)
