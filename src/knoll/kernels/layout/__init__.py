"""How images lie in memory, and copies from one layout to another."""
