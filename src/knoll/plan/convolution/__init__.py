"""Lowering of convolution and its gradients: which algorithm computes each, and how operands are packed for it."""
