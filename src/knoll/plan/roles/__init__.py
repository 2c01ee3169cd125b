"""Which values of a graph have a batch axis, which are shared by all samples, and which nodes run apart."""
