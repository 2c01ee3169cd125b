"""Batch normalisation, and the standardisation of rows."""
