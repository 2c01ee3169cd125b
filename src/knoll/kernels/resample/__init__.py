"""Weighted sums along rows and columns: averages, enlarging, padding."""
