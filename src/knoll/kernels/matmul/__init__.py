"""Matrix products: linear layers, their weight gradient, batched matmul."""
