"""The layers: one file per family, with the name of its functions in `nn/functional/`."""
