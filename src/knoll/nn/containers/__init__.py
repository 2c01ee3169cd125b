"""Modules and parameters in sequences, lists and dictionaries."""
