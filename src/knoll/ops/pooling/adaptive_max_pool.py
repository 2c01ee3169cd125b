"""The largest value of each window, where windows share the image out so that there are as many as asked for.

Source: https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html and
`aten/src/ATen/native/AdaptiveMaxPooling2d.cpp`.
"""

from __future__ import annotations

from knoll.errors import ShapeError
from knoll.graph import SAME, AdaptiveWindow, Array, Node, Op, Read, Reads, Roles, Spec
from knoll.graph.batching_rules import by_samples
from knoll.graph.role import BATCHED
from knoll.graph.sizes import Pair
from knoll.ops.advice import images_wanted
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.pooling.max_pool import check_size, gradient, largest_of, with_indices
from knoll.ops.resample.axes import Adaptive


def adaptive_windows(x: Spec, size: Pair) -> tuple[AdaptiveWindow, AdaptiveWindow]:
    """How the windows share out rows and columns."""
    return AdaptiveWindow(x.shape[-2], size[0]), AdaptiveWindow(x.shape[-1], size[1])


def check_images(x: Spec, size: Pair) -> None:
    """Refuse what is neither images (n, c, h, w) nor one image (c, h, w), in PyTorch's words and order."""
    if x.rank not in (3, 4):
        raise ShapeError(
            f"adaptive_max_pool2d(): Expected 3D or 4D tensor, but got: {list(x.shape)}",
            **images_wanted(x),
        )
    if 0 in x.shape[-3:]:
        empty = x.rank - 3 + x.shape[-3:].index(0)
        raise ShapeError(
            "adaptive_max_pool2d(): Expected input to have non-zero size for non-batch dimensions, but input has sizes "
            f"{list(x.shape)} with dimension {empty} being empty"
        )
    check_size(x, size)
    if not x.is_float:
        refuse_dtype("adaptive_max_pool2d", x.dtype)


def shape(x: Spec, *, size: Pair) -> tuple[Spec, Spec]:
    """(n, c, h, w) → values and int64 indices, both (n, c, rows, columns) with `size` = (rows, columns)."""
    check_images(x, size)
    return with_indices(x, size)


def meaning(x: Array, *, size: Pair) -> tuple[Array, Array]:
    """The largest of each share of x."""
    rows, columns = AdaptiveWindow(x.shape[2], size[0]), AdaptiveWindow(x.shape[3], size[1])
    return largest_of(x, rows.seen(), columns.seen())


def reads(node: Node, _: int) -> tuple[Reads]:
    """A share of its own channel."""
    rows, columns = map(Adaptive, node.attributes["size"])
    return ((Read(0, SAME), Read(1, SAME), Read(2, rows), Read(3, columns)),)


adaptive_max_pool2d: Op = Op(
    "adaptive_max_pool2d",
    shape,
    meaning,
    gradient,
    reads=reads,
    roles=Roles((BATCHED,), (BATCHED, BATCHED)),
    worth_compiling=True,
    batching=by_samples,
)
