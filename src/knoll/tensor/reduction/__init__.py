"""Functions that reduce axes, or go along one: sums, extremes, orders, running sums."""
