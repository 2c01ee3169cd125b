"""Lowering of max pooling and unpooling."""
