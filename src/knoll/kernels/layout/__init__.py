"""Layouts of images in memory, and copies from one layout to another."""
