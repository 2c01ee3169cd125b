"""Convolution and its gradients: direct, Winograd, depthwise, polyphase; columns added up to images."""
