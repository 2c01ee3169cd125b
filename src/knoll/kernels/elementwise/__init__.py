"""Elementwise operations: their arithmetic, the terms of an epilogue, and passes of their own."""
