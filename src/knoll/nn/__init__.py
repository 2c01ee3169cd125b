"""DESCRIBE: layers and models, with the names, arguments, shapes and errors of `torch.nn`."""
# ruff: noqa: F403 (each module states its public names; a new layer needs no line here)

from typing import TYPE_CHECKING

from knoll.absent import absent
from knoll.nn import attention as _attention
from knoll.nn import average_pool as _average_pool
from knoll.nn import batch_norm as _batch_norm
from knoll.nn import binary_cross_entropy as _binary_cross_entropy
from knoll.nn import containers as _containers
from knoll.nn import conv as _conv
from knoll.nn import conv1d as _conv1d
from knoll.nn import conv_transpose as _conv_transpose
from knoll.nn import cross_entropy as _cross_entropy
from knoll.nn import difference as _difference
from knoll.nn import distance as _distance
from knoll.nn import dropout as _dropout
from knoll.nn import elu as _elu
from knoll.nn import embedding as _embedding
from knoll.nn import flatten as _flatten
from knoll.nn import fractional_max_pool as _fractional_max_pool
from knoll.nn import functional as functional
from knoll.nn import glu as _glu
from knoll.nn import group_norm as _group_norm
from knoll.nn import huber as _huber
from knoll.nn import init as init
from knoll.nn import instance_norm as _instance_norm
from knoll.nn import layer_norm as _layer_norm
from knoll.nn import lazy_layers as _lazy_layers
from knoll.nn import lazy_layers_1d as _lazy_layers_1d
from knoll.nn import likelihood as _likelihood
from knoll.nn import linear as _linear
from knoll.nn import local_response_norm as _local_response_norm
from knoll.nn import lp_pool as _lp_pool
from knoll.nn import margin as _margin
from knoll.nn import max_pool as _max_pool
from knoll.nn import module as _module
from knoll.nn import modules as modules
from knoll.nn import multi_margin as _multi_margin
from knoll.nn import nll as _nll
from knoll.nn import pad as _pad
from knoll.nn import pad1d as _pad1d
from knoll.nn import parallel as parallel
from knoll.nn import parameter as _parameter
from knoll.nn import parameter_containers as _parameter_containers
from knoll.nn import piecewise as _piecewise
from knoll.nn import pool1d as _pool1d
from knoll.nn import prelu as _prelu
from knoll.nn import self_gated as _self_gated
from knoll.nn import sequential as _sequential
from knoll.nn import shuffle as _shuffle
from knoll.nn import sigmoid as _sigmoid
from knoll.nn import softmax as _softmax
from knoll.nn import softplus as _softplus
from knoll.nn import unfold as _unfold
from knoll.nn import uninitialized as _uninitialized
from knoll.nn import upsample as _upsample
from knoll.nn import utils as utils
from knoll.nn.absent_layers import absent_layer
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

if not TYPE_CHECKING:  # for type checkers all that the star imports bring is public; mypy does not add up lists
    __all__ = ["functional", "init", "utils"]
    __all__ += _attention.__all__
    __all__ += _average_pool.__all__
    __all__ += _batch_norm.__all__
    __all__ += _binary_cross_entropy.__all__
    __all__ += _containers.__all__
    __all__ += _conv.__all__
    __all__ += _conv1d.__all__
    __all__ += _conv_transpose.__all__
    __all__ += _cross_entropy.__all__
    __all__ += _difference.__all__
    __all__ += _distance.__all__
    __all__ += _dropout.__all__
    __all__ += _elu.__all__
    __all__ += _embedding.__all__
    __all__ += _flatten.__all__
    __all__ += _fractional_max_pool.__all__
    __all__ += _glu.__all__
    __all__ += _group_norm.__all__
    __all__ += _huber.__all__
    __all__ += _instance_norm.__all__
    __all__ += _layer_norm.__all__
    __all__ += _lazy_layers.__all__
    __all__ += _lazy_layers_1d.__all__
    __all__ += _likelihood.__all__
    __all__ += _linear.__all__
    __all__ += _local_response_norm.__all__
    __all__ += _lp_pool.__all__
    __all__ += _margin.__all__
    __all__ += _max_pool.__all__
    __all__ += _module.__all__
    __all__ += _multi_margin.__all__
    __all__ += _nll.__all__
    __all__ += _pad.__all__
    __all__ += _pad1d.__all__
    __all__ += _parameter.__all__
    __all__ += _parameter_containers.__all__
    __all__ += _piecewise.__all__
    __all__ += _pool1d.__all__
    __all__ += _prelu.__all__
    __all__ += _self_gated.__all__
    __all__ += _sequential.__all__
    __all__ += _shuffle.__all__
    __all__ += _sigmoid.__all__
    __all__ += _softmax.__all__
    __all__ += _softplus.__all__
    __all__ += _uninitialized.__all__
    __all__ += _unfold.__all__
    __all__ += _upsample.__all__

    def __getattr__(name: str) -> object:
        """A layer that refuses to be made; else say what to write in place of a name that is not there."""
        layer = absent_layer(name)
        if layer is not None:
            return layer
        raise absent("knoll.nn", name, __all__)
