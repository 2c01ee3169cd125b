"""Matrix products, the linear layer with its gradients, inverses and determinants."""
