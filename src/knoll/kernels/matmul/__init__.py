"""Products of matrices: linear layers, their weight gradient, batched products."""
