"""PLAN: which operations share a kernel, in which layout values lie, where results live."""
