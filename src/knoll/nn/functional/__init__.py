"""The layers as functions, as `torch.nn.functional`: what every module calls with its own parameters."""
# ruff: noqa: F403 (each module states its public names; a new function needs no line here)

from typing import TYPE_CHECKING

from knoll.absent import absent
from knoll.nn.functional import attention as _attention
from knoll.nn.functional import average_pool as _average_pool
from knoll.nn.functional import batch_norm as _batch_norm
from knoll.nn.functional import binary_cross_entropy as _binary_cross_entropy
from knoll.nn.functional import conv as _conv
from knoll.nn.functional import conv1d as _conv1d
from knoll.nn.functional import conv_transpose as _conv_transpose
from knoll.nn.functional import cross_entropy as _cross_entropy
from knoll.nn.functional import difference as _difference
from knoll.nn.functional import distance as _distance
from knoll.nn.functional import dropout as _dropout
from knoll.nn.functional import elu as _elu
from knoll.nn.functional import embedding as _embedding
from knoll.nn.functional import fractional_max_pool as _fractional_max_pool
from knoll.nn.functional import glu as _glu
from knoll.nn.functional import grid_sample as _grid_sample
from knoll.nn.functional import group_norm as _group_norm
from knoll.nn.functional import huber as _huber
from knoll.nn.functional import instance_norm as _instance_norm
from knoll.nn.functional import layer_norm as _layer_norm
from knoll.nn.functional import likelihood as _likelihood
from knoll.nn.functional import linear as _linear
from knoll.nn.functional import local_response_norm as _local_response_norm
from knoll.nn.functional import lp_pool as _lp_pool
from knoll.nn.functional import margin as _margin
from knoll.nn.functional import max_pool as _max_pool
from knoll.nn.functional import multi_margin as _multi_margin
from knoll.nn.functional import nll as _nll
from knoll.nn.functional import pad as _pad
from knoll.nn.functional import piecewise as _piecewise
from knoll.nn.functional import pool1d as _pool1d
from knoll.nn.functional import prelu as _prelu
from knoll.nn.functional import scaled_attention as _scaled_attention
from knoll.nn.functional import self_gated as _self_gated
from knoll.nn.functional import shuffle as _shuffle
from knoll.nn.functional import sigmoid as _sigmoid
from knoll.nn.functional import softmax as _softmax
from knoll.nn.functional import softplus as _softplus
from knoll.nn.functional import unfold as _unfold
from knoll.nn.functional import upsample as _upsample
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

if not TYPE_CHECKING:  # for type checkers all that the star imports bring is public; mypy does not add up lists
    __all__ = []
    __all__ += _attention.__all__
    __all__ += _average_pool.__all__
    __all__ += _batch_norm.__all__
    __all__ += _binary_cross_entropy.__all__
    __all__ += _conv.__all__
    __all__ += _conv1d.__all__
    __all__ += _conv_transpose.__all__
    __all__ += _cross_entropy.__all__
    __all__ += _difference.__all__
    __all__ += _distance.__all__
    __all__ += _dropout.__all__
    __all__ += _elu.__all__
    __all__ += _embedding.__all__
    __all__ += _fractional_max_pool.__all__
    __all__ += _glu.__all__
    __all__ += _grid_sample.__all__
    __all__ += _group_norm.__all__
    __all__ += _huber.__all__
    __all__ += _instance_norm.__all__
    __all__ += _layer_norm.__all__
    __all__ += _likelihood.__all__
    __all__ += _linear.__all__
    __all__ += _local_response_norm.__all__
    __all__ += _lp_pool.__all__
    __all__ += _margin.__all__
    __all__ += _max_pool.__all__
    __all__ += _multi_margin.__all__
    __all__ += _nll.__all__
    __all__ += _pad.__all__
    __all__ += _piecewise.__all__
    __all__ += _pool1d.__all__
    __all__ += _prelu.__all__
    __all__ += _scaled_attention.__all__
    __all__ += _self_gated.__all__
    __all__ += _shuffle.__all__
    __all__ += _sigmoid.__all__
    __all__ += _softmax.__all__
    __all__ += _softplus.__all__
    __all__ += _unfold.__all__
    __all__ += _upsample.__all__

    def __getattr__(name: str) -> object:
        """Say what to write in place of a name that is not there."""
        raise absent("knoll.nn.functional", name, __all__)
