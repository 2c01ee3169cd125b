"""The convolutions and their gradients: direct, by Winograd's algorithm, depthwise."""
