"""Sums, means, extremes and running sums over axes, and the order of elements along one."""
