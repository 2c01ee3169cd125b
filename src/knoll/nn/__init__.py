"""DESCRIBE: layers and models, with the names, arguments, shapes and errors of `torch.nn`."""
# ruff: noqa: F403 (each module states its public names; a new layer needs no line here)

from typing import TYPE_CHECKING

from knoll.absent import absent as _absent
from knoll.calls import advise as _advise
from knoll.nn import functional as functional
from knoll.nn import init as init
from knoll.nn import modules as modules
from knoll.nn import parallel as parallel
from knoll.nn import utils as utils
from knoll.nn.absent_layers import absent_layer as _absent_layer
from knoll.nn.attention import *
from knoll.nn.average_pool import *
from knoll.nn.batch_norm import *
from knoll.nn.binary_cross_entropy import *
from knoll.nn.containers import *
from knoll.nn.conv import *
from knoll.nn.conv1d import *
from knoll.nn.conv_transpose import *
from knoll.nn.cross_entropy import *
from knoll.nn.difference import *
from knoll.nn.distance import *
from knoll.nn.dropout import *
from knoll.nn.elu import *
from knoll.nn.embedding import *
from knoll.nn.flatten import *
from knoll.nn.fractional_max_pool import *
from knoll.nn.glu import *
from knoll.nn.group_norm import *
from knoll.nn.huber import *
from knoll.nn.instance_norm import *
from knoll.nn.layer_norm import *
from knoll.nn.lazy_layers import *
from knoll.nn.lazy_layers_1d import *
from knoll.nn.likelihood import *
from knoll.nn.linear import *
from knoll.nn.local_response_norm import *
from knoll.nn.lp_pool import *
from knoll.nn.margin import *
from knoll.nn.max_pool import *
from knoll.nn.module import *
from knoll.nn.multi_margin import *
from knoll.nn.nll import *
from knoll.nn.pad import *
from knoll.nn.pad1d import *
from knoll.nn.parameter import *
from knoll.nn.parameter_containers import *
from knoll.nn.piecewise import *
from knoll.nn.pool1d import *
from knoll.nn.prelu import *
from knoll.nn.self_gated import *
from knoll.nn.sequential import *
from knoll.nn.shuffle import *
from knoll.nn.sigmoid import *
from knoll.nn.softmax import *
from knoll.nn.softplus import *
from knoll.nn.unfold import *
from knoll.nn.uninitialized import *
from knoll.nn.upsample import *

if not TYPE_CHECKING:  # type checkers take for public what star imports bring
    __all__ = sorted(
        name
        for name, thing in globals().items()
        if name in ("functional", "init", "utils")
        or (getattr(thing, "__module__", "").startswith("knoll.") and not name.startswith("_"))
    )

    _advise(__name__)

    def __getattr__(name: str) -> object:
        """A layer that refuses to be made; else say what to write in place of a name that is not there."""
        layer = _absent_layer(name)
        if layer is not None:
            return layer
        raise _absent("knoll.nn", name, __all__)
