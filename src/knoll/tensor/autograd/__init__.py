"""The engine behind `knoll.autograd`: where gradients are wanted, backward, hooks, functions of one's own."""
