"""The methods of `Tensor`: a class for each family, functions of `tensor/` under PyTorch's names."""
