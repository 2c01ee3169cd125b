"""Lowering of batch normalisation, and of the standardisation of rows."""
