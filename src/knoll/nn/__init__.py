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
from knoll.nn.containers.module_containers import *
from knoll.nn.containers.parameter_containers import *
from knoll.nn.containers.sequential import *
from knoll.nn.layers.absent_layers import absent_layer as _absent_layer
from knoll.nn.layers.attention import *
from knoll.nn.layers.average_pool import *
from knoll.nn.layers.batch_norm import *
from knoll.nn.layers.binary_cross_entropy import *
from knoll.nn.layers.conv import *
from knoll.nn.layers.conv1d import *
from knoll.nn.layers.conv_transpose import *
from knoll.nn.layers.cross_entropy import *
from knoll.nn.layers.difference import *
from knoll.nn.layers.distance import *
from knoll.nn.layers.dropout import *
from knoll.nn.layers.elu import *
from knoll.nn.layers.embedding import *
from knoll.nn.layers.flatten import *
from knoll.nn.layers.fractional_max_pool import *
from knoll.nn.layers.glu import *
from knoll.nn.layers.group_norm import *
from knoll.nn.layers.huber import *
from knoll.nn.layers.instance_norm import *
from knoll.nn.layers.layer_norm import *
from knoll.nn.layers.lazy_conv import *
from knoll.nn.layers.lazy_linear import *
from knoll.nn.layers.lazy_norm import *
from knoll.nn.layers.likelihood import *
from knoll.nn.layers.linear import *
from knoll.nn.layers.local_response_norm import *
from knoll.nn.layers.lp_pool import *
from knoll.nn.layers.margin import *
from knoll.nn.layers.max_pool import *
from knoll.nn.layers.multi_margin import *
from knoll.nn.layers.nll import *
from knoll.nn.layers.pad import *
from knoll.nn.layers.pad1d import *
from knoll.nn.layers.piecewise import *
from knoll.nn.layers.pool1d import *
from knoll.nn.layers.prelu import *
from knoll.nn.layers.self_gated import *
from knoll.nn.layers.shuffle import *
from knoll.nn.layers.sigmoid import *
from knoll.nn.layers.softmax import *
from knoll.nn.layers.softplus import *
from knoll.nn.layers.transformer import *
from knoll.nn.layers.transformer_layers import *
from knoll.nn.layers.unfold import *
from knoll.nn.layers.upsample import *
from knoll.nn.module import *
from knoll.nn.parameter import *
from knoll.nn.uninitialized import *

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
