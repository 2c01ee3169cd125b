"""Tensors multiplied by a matrix."""

from __future__ import annotations

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.tensor import Tensor


class LinearTransformation:
    """A tensor (…, c, h, w), flattened, minus `mean_vector` (d,), times `transformation_matrix` (d, d); d = c·h·w.

    With the principal axes of the data, divided by their deviations, this whitens images.
    Raises ArgumentError and ArgumentTypeError.

    >>> import knoll
    >>> from knoll.vision.transforms import LinearTransformation
    >>> LinearTransformation(2 * knoll.eye(4), knoll.ones(4))(knoll.tensor([[[1.0, 2.0], [3.0, 4.0]]]))
    tensor([[[0., 2.],
             [4., 6.]]])
    """

    def __init__(self, transformation_matrix: Tensor, mean_vector: Tensor) -> None:
        for name, given, axes in (
            ("transformation_matrix", transformation_matrix, 2),
            ("mean_vector", mean_vector, 1),
        ):
            if not isinstance(given, Tensor):
                raise ArgumentTypeError(f"{name} should be a Tensor. Got {type(given)}")
            if given.ndim != axes:
                raise ArgumentError(f"{name} should have {axes} dimensions", got=str(tuple(given.shape)))
        shape = tuple(transformation_matrix.shape)
        if shape[0] != shape[1]:
            raise ArgumentError(f"transformation_matrix should be square. Got {shape} rectangular matrix.")
        if mean_vector.shape[0] != shape[0]:
            raise ArgumentError(
                f"mean_vector should have the same length {mean_vector.shape[0]}"
                f" as any one of the dimensions of the transformation_matrix [{shape}]"
            )
        if transformation_matrix.dtype != mean_vector.dtype:
            raise ArgumentError(
                f"Input tensors should have the same dtype. Got {transformation_matrix.dtype} and {mean_vector.dtype}"
            )
        self.transformation_matrix = transformation_matrix
        self.mean_vector = mean_vector

    def __call__(self, tensor: Tensor) -> Tensor:
        """The tensor (…, c, h, w), transformed."""
        if not isinstance(tensor, Tensor):
            raise ArgumentTypeError("LinearTransformation() does not support PIL images.", got=str(type(tensor)))
        if tensor.ndim < 3:
            raise ArgumentError("Input image tensor should have at least 3 dimensions", got=str(tuple(tensor.shape)))
        channels, height, width = tensor.shape[-3:]
        length = channels * height * width
        if length != self.transformation_matrix.shape[0]:
            raise ArgumentError(
                "Input tensor and transformation matrix have incompatible shape."
                f"[{channels} x {height} x {width}] != {self.transformation_matrix.shape[0]}"
            )
        flat = tensor.reshape(-1, length) - self.mean_vector
        return (flat @ self.transformation_matrix.to(flat.dtype)).reshape(tensor.shape)

    def __repr__(self) -> str:
        return (
            f"LinearTransformation(transformation_matrix={self.transformation_matrix.tolist()}, "
            f"mean_vector={self.mean_vector.tolist()})"
        )
