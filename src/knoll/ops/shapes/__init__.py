"""The same elements in another shape: reshaped, permuted, joined, split, padded, or seen as strided views."""
