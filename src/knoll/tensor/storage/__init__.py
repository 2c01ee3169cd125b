"""How tensors lie in memory: strides, aliases, what changes them."""
