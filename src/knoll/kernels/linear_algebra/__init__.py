"""Linear layers with their weight gradient, and matrix products, batched too."""
