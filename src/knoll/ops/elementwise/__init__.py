"""Functions of one number or of two that broadcast, choices between two, and their derivatives."""
