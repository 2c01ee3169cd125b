"""`torch.nn.utils.clip_grad`: what limits gradients once more, by the file in which PyTorch has it."""

from knoll.calls import advise
from knoll.nn.utils.clipping import clip_grad_norm_, clip_grad_value_, clip_grads_with_norm_, get_total_norm

__all__ = ["clip_grad_norm_", "clip_grad_value_", "clip_grads_with_norm_", "get_total_norm"]

advise(__name__)
