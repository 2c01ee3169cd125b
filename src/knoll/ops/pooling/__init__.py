"""Max pooling over windows of every kind, and unpooling."""
