"""Convolution and its gradients: direct, Winograd, depthwise, polyphase."""
