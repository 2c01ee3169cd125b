"""Max pooling with its indices, unpooling, and the gradients of both."""
