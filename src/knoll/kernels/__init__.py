"""Kernels, one file per algorithm: each emits the loop nest for one shape, element type and processor."""
