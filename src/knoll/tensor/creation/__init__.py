"""New tensors: of given numbers, of one value, of a rule."""
