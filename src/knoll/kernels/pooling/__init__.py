"""Max pooling, its indices, and the way back."""
