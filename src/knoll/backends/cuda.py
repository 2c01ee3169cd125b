"""`torch.backends.cuda`: switches of graphics cards. They may be set, and change nothing."""

from knoll.backends.library import is_built


class Products:
    """Switches of matrix products."""

    allow_tf32: bool = False
    allow_fp16_reduced_precision_reduction: bool = False


matmul: Products = Products()

__all__ = ["Products", "is_built", "matmul"]
