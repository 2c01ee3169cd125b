"""The graph of a module for examples of its inputs, and for other numbers of samples: for `knoll.compile` and `jit`."""
