"""Tiles of outputs that fit the registers, and where they lie."""
