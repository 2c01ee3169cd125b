"""Register tiles: the sums of a block of outputs, and the addresses they are stored to."""
