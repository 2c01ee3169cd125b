"""Knoll beside its rivals: the same weights, input and number of threads. Run as `python -m benchmarks`."""
