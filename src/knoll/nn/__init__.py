"""DESCRIBE: layers and models, with the names, arguments, shapes and errors of `torch.nn`."""
# ruff: noqa: F403 (each module states its public names; a new layer needs no line here)

from knoll.nn import (
    attention,
    average_pool,
    batch_norm,
    binary_cross_entropy,
    containers,
    conv,
    conv_transpose,
    cross_entropy,
    difference,
    dropout,
    elu,
    flatten,
    functional,
    glu,
    huber,
    init,
    lazy_layers,
    likelihood,
    linear,
    max_pool,
    module,
    nll,
    pad,
    parameter,
    parameter_containers,
    piecewise,
    prelu,
    self_gated,
    sequential,
    shuffle,
    sigmoid,
    softmax,
    softplus,
    uninitialized,
    upsample,
    utils,
)
from knoll.nn.attention import *
from knoll.nn.average_pool import *
from knoll.nn.batch_norm import *
from knoll.nn.binary_cross_entropy import *
from knoll.nn.containers import *
from knoll.nn.conv import *
from knoll.nn.conv_transpose import *
from knoll.nn.cross_entropy import *
from knoll.nn.difference import *
from knoll.nn.dropout import *
from knoll.nn.elu import *
from knoll.nn.flatten import *
from knoll.nn.glu import *
from knoll.nn.huber import *
from knoll.nn.lazy_layers import *
from knoll.nn.likelihood import *
from knoll.nn.linear import *
from knoll.nn.max_pool import *
from knoll.nn.module import *
from knoll.nn.nll import *
from knoll.nn.pad import *
from knoll.nn.parameter import *
from knoll.nn.parameter_containers import *
from knoll.nn.piecewise import *
from knoll.nn.prelu import *
from knoll.nn.self_gated import *
from knoll.nn.sequential import *
from knoll.nn.shuffle import *
from knoll.nn.sigmoid import *
from knoll.nn.softmax import *
from knoll.nn.softplus import *
from knoll.nn.uninitialized import *
from knoll.nn.upsample import *

__all__ = ["functional", "init", "utils"]
__all__ += attention.__all__
__all__ += average_pool.__all__
__all__ += batch_norm.__all__
__all__ += binary_cross_entropy.__all__
__all__ += containers.__all__
__all__ += conv.__all__
__all__ += conv_transpose.__all__
__all__ += cross_entropy.__all__
__all__ += difference.__all__
__all__ += dropout.__all__
__all__ += elu.__all__
__all__ += flatten.__all__
__all__ += glu.__all__
__all__ += huber.__all__
__all__ += lazy_layers.__all__
__all__ += likelihood.__all__
__all__ += linear.__all__
__all__ += max_pool.__all__
__all__ += module.__all__
__all__ += nll.__all__
__all__ += pad.__all__
__all__ += parameter.__all__
__all__ += parameter_containers.__all__
__all__ += piecewise.__all__
__all__ += prelu.__all__
__all__ += self_gated.__all__
__all__ += sequential.__all__
__all__ += shuffle.__all__
__all__ += sigmoid.__all__
__all__ += softmax.__all__
__all__ += softplus.__all__
__all__ += uninitialized.__all__
__all__ += upsample.__all__
