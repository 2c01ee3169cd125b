"""Losses of pairs and triplets with a margin, as functions."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.graph.shapes import size_name
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.functional.loss_reduction import check_reduction, reduced, reduction_of
from knoll.ops.loss.hinge import at_target, hinge
from knoll.tensor import Tensor, apply
from knoll.tensor.arguments import truth
from knoll.tensor.elementwise.arithmetic import cast, minimum
from knoll.tensor.linear_algebra.distances import pairwise_distance

__all__ = [
    "cosine_embedding_loss",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]

Distance = Callable[[Tensor, Tensor], Tensor]
LEAST = float(np.float32(1e-12))  # added to squared lengths against a division by 0; a float in PyTorch


def margin_ranking_loss(
    input1: Input,
    input2: Input,
    target: Input,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Ranking of two scores: max(0, margin − t · (x1 − x2)), for targets t of 1 (x1 is the larger) and −1.

    The arguments are those of `knoll.nn.MarginRankingLoss`.

    Shapes: any, the same for `input1`, `input2` and `target`; those of as many axes broadcast.
    Raises ArgumentError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.margin_ranking_loss(np.array([2.0, 1.0]), np.array([1.0, 3.0]), np.array([1, 1]), reduction="none")
    tensor([0., 2.], dtype=float64)
    """
    name = "margin_ranking_loss"
    one, two, y = tensor(input1, name, "input1"), tensor(input2, name, "input2", 2), tensor(target, name, "target", 3)
    reduction = reduction_of(reduction, size_average, reduce)
    margin = _double(margin, name, "margin", 4)
    if len({one.ndim, two.ndim, y.ndim}) > 1:
        raise ShapeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {size_name(one.shape)}, input2: {size_name(two.shape)}, target: {size_name(y.shape)} "
        )
    gap = one - two
    if y.dtype.kind == "i":
        y = cast(y, gap.dtype)
    return reduced(apply(hinge, -y * gap + margin)[0], reduction)


def hinge_embedding_loss(
    input: Input,
    target: Input,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Hinge loss of distances: x itself for a target of 1 (alike), max(0, margin − x) for −1 (different).

    The arguments are those of `knoll.nn.HingeEmbeddingLoss`.

    Shapes: any, the same for both; others broadcast. Raises ArgumentError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.hinge_embedding_loss(np.array([0.5, 0.5]), np.array([1, -1]), margin=2.0, reduction="none")
    tensor([0.5000, 1.5000], dtype=float64)
    """
    name = "hinge_embedding_loss"
    x, y = tensor(input, name), tensor(target, name, "target", 2)
    reduction = reduction_of(reduction, size_average, reduce)
    margin = _double(margin, name, "margin", 3)
    gap = (margin if x.is_floating_point() else x.new_tensor(margin)) - x
    return reduced(_at_label(apply(hinge, gap)[0], y, 1, equal=False) + _at_label(x, y, -1, equal=False), reduction)


def cosine_embedding_loss(
    input1: Input,
    input2: Input,
    target: Input,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Loss of the cosine of two vectors: 1 − cos for a target of 1 (alike), max(0, cos − margin) for −1 (different).

    The arguments are those of `knoll.nn.CosineEmbeddingLoss`.

    Shapes: `input1` and `input2` (n, d) and targets (n,), or (d,) and one target without axes. Raises ArgumentError,
    ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> x = np.array([[3.0, 4.0], [3.0, 4.0]])
    >>> F.cosine_embedding_loss(x, x[:, ::-1].copy(), np.array([1, -1]), reduction="none")
    tensor([0.0400, 0.9600], dtype=float64)
    """
    name = "cosine_embedding_loss"
    one, two, y = tensor(input1, name, "input1"), tensor(input2, name, "input2", 2), tensor(target, name, "target", 3)
    reduction = reduction_of(reduction, size_average, reduce)
    margin = _double(margin, name, "margin", 4)
    _check_vectors(one, two, y)
    dot, *squares = ((a * b).sum(y.ndim) for a, b in ((one, two), (one, one), (two, two)))
    cosine = dot / ((squares[0] + LEAST) * (squares[1] + LEAST)).sqrt()
    alike, different = 1 - cosine, apply(hinge, cosine - margin)[0]
    return reduced(_at_label(alike, y, 1) + _at_label(different, y, -1), reduction)


def _check_vectors(one: Tensor, two: Tensor, target: Tensor) -> None:
    """Vectors (n, d) for n targets, or (d,) for one without axes."""
    if target.ndim > 1:
        raise ShapeError("0D or 1D target tensor expected, multi-target not supported", got=f"{target.shape}")
    if not one.ndim == two.ndim == target.ndim + 1:
        raise ShapeError(
            f"{target.ndim}D target tensor expects {target.ndim + 1}D input tensors, "
            f"but found inputs with sizes {list(one.shape)} and {list(two.shape)}."
        )


def _at_label(x: Tensor, target: Tensor, label: int, equal: bool = True) -> Tensor:
    """The elements of x whose target is the label, or is another; 0 elsewhere."""
    y = target if target.is_floating_point() else cast(target, x.dtype)
    return apply(at_target, x, y, label=float(label), equal=equal)[0]


def _double(value: float, function: str, name: str, position: int) -> float:
    """`value` as a float, which PyTorch asks for by that name."""
    if not isinstance(value, Real | Tensor):
        raise ArgumentTypeError(
            f"{function}(): argument '{name}' (position {position}) must be float, not {type(value).__name__}"
        )
    return number(value, function, name, position)


def triplet_margin_loss(
    anchor: Input,
    positive: Input,
    negative: Input,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """Loss of triplets of vectors: max(0, margin + d(anchor, positive) − d(anchor, negative)), d the p-norm distance.

    The arguments are those of `knoll.nn.TripletMarginLoss`.

    Shapes: (…, d), the same for `anchor`, `positive` and `negative` → (…). Raises ArgumentError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html;
    Balntas et al., Learning shallow convolutional feature descriptors with triplet losses, 2016.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.triplet_margin_loss(np.array([0.0, 0.0]), np.array([3.0, 4.0]), np.array([0.0, 2.0]), p=1)
    tensor(6.0000, dtype=float64)
    """
    name = "triplet_margin_loss"
    corners = _corners(name, anchor, positive, negative)
    reduction = reduction_of(reduction, size_average, reduce)
    margin = positive_margin(margin, "margin must be greater than 0, got {margin}", name)
    p, eps = _double(p, name, "p", 5), _double(eps, name, "eps", 6)
    swap = truth(swap, name, "swap", 7)
    return _triplets(corners, lambda a, b: pairwise_distance(a, b, p, eps), margin, swap, reduction)


def triplet_margin_with_distance_loss(
    anchor: Input,
    positive: Input,
    negative: Input,
    *,
    distance_function: Distance | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """Loss of triplets with any distance d: max(0, margin + d(anchor, positive) − d(anchor, negative)).

    The arguments are those of `knoll.nn.TripletMarginWithDistanceLoss`.

    Shapes: `anchor`, `positive` and `negative` as the distance takes them; the result has that of a distance.
    Raises ArgumentError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_with_distance_loss.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> a, p, n = np.zeros((1, 2)), np.array([[3.0, 4.0]]), np.array([[0.0, 2.0]])
    >>> F.triplet_margin_with_distance_loss(a, p, n, distance_function=lambda x, y: (x - y).abs().amax(1))
    tensor(3., dtype=float64)
    """
    name = "triplet_margin_with_distance_loss"
    corners = _corners(name, anchor, positive, negative)
    reduction = check_reduction(reduction)
    margin = positive_margin(margin, "margin must be greater than 0, got {margin}", name)
    if distance_function is not None and not callable(distance_function):
        raise ArgumentTypeError(f"'{type(distance_function).__name__}' object is not callable")
    return _triplets(corners, distance_function or pairwise_distance, margin, truth(swap, name, "swap"), reduction)


def positive_margin(margin: float, reason: str, function: str) -> float:
    """The margin, which is larger than zero."""
    value = number(margin, function, "margin", 4)
    if value <= 0:
        raise ArgumentError(reason.format(margin=margin))
    return value


def _corners(function: str, *corners: Input) -> list[Tensor]:
    names = ("anchor", "positive", "negative")
    return [tensor(x, function, name, at) for at, (x, name) in enumerate(zip(corners, names, strict=True), 1)]


def _triplets(corners: list[Tensor], distance: Distance, margin: float, swap: bool, reduction: str) -> Tensor:
    """With `swap` the negative is as far as it is from the nearer one of anchor and positive."""
    anchor, positive, negative = corners
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise ShapeError(
            "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
            f"anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs"
        )
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(apply(hinge, tensor(margin + near - far, "clamp_min"))[0], reduction)
