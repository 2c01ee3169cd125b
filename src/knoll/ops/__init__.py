"""MEANING: one file per operation, each with its shape, its meaning in plain NumPy, its gradient and its cost."""
