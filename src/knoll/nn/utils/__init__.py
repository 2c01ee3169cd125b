"""What is done with all parameters at once, and with those of one module, as `torch.nn.utils`."""

from knoll.calls import advise
from knoll.nn.utils import parametrizations, parametrize, prune, rnn, stateless
from knoll.nn.utils.clipping import clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm
from knoll.nn.utils.fusion import fuse_conv_bn_eval, fuse_conv_bn_weights, fuse_linear_bn_eval, fuse_linear_bn_weights
from knoll.nn.utils.spectral_norm import remove_spectral_norm, spectral_norm
from knoll.nn.utils.vectors import parameters_to_vector, vector_to_parameters
from knoll.nn.utils.weight_norm import remove_weight_norm, weight_norm

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "fuse_conv_bn_eval",
    "fuse_conv_bn_weights",
    "fuse_linear_bn_eval",
    "fuse_linear_bn_weights",
    "get_total_norm",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "prune",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "spectral_norm",
    "stateless",
    "vector_to_parameters",
    "weight_norm",
]

advise(__name__)
