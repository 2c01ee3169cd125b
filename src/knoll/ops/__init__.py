"""Operations, by family: shape inference, the reference implementation in NumPy, the gradient, the cost."""
