"""Elementwise operations: vector arithmetic, epilogues of other kernels, and kernels of their own."""
