"""Products, decompositions, norms and distances of vectors and matrices."""
