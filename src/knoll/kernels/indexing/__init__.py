"""Kernels that read or write elements at the places that indices name."""
