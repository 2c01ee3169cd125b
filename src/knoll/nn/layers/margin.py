"""Losses of pairs and triplets with a margin."""

from __future__ import annotations

from knoll.nn import functional as F
from knoll.nn.functional.margin import Distance, positive_margin
from knoll.nn.layers.distance import PairwiseDistance
from knoll.nn.layers.loss import Loss
from knoll.tensor import Tensor

__all__ = [
    "CosineEmbeddingLoss",
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class _MarginLoss(Loss):
    """A loss with a margin, which broadcasts without a warning."""

    margin: float

    def __init__(self, margin: float, size_average: bool | None, reduce: bool | None, reduction: str) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def _is_pure(self, *_: Tensor) -> bool:
        """Always: these losses warn of nothing."""
        return True


class MarginRankingLoss(_MarginLoss):
    """Ranking of two scores: max(0, margin − t · (x1 − x2)), called as loss(x1, x2, t).

    A target t of 1 wants x1 to be the larger by at least the margin, −1 wants x2 to be.

    Shapes: any, the same for all three; the result is one number, or of that shape with reduction="none".

    - `margin`: how much larger the one is to be; 0 unless given.
    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ArgumentTypeError and ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.MarginRankingLoss(margin=1.0)(knoll.tensor([2.5]), knoll.tensor([2.0]), knoll.tensor([1]))
    tensor(0.5000)
    """

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(margin, size_average, reduce, reduction)

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


class HingeEmbeddingLoss(_MarginLoss):
    """Hinge loss of distances x: x for a target of 1 (alike), max(0, margin − x) for −1 (different).

    Shapes: any, the same for input and target; the result is one number, or of that shape with reduction="none".

    - `margin`: the distance from which different ones cost nothing; 1 unless given.
    - `reduction`: "mean" over all elements, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ArgumentTypeError and ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.HingeEmbeddingLoss()(knoll.tensor([0.5, 0.25]), knoll.tensor([1, -1]))
    tensor(0.6250)
    """

    def __init__(
        self,
        margin: float = 1.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(margin, size_average, reduce, reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.hinge_embedding_loss(input, target, self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(_MarginLoss):
    """Loss of the cosine of two vectors: 1 − cos for a target of 1 (alike), max(0, cos − margin) for −1 (different).

    Called as loss(x1, x2, t).

    Shapes: vectors (n, d) and targets (n,), or (d,) and one target without axes; the result is one number, or
    of the shape of the targets with reduction="none".

    - `margin`: the cosine below which different ones cost nothing, from −1 to 1; 0 unless given.
    - `reduction`: "mean" over all pairs, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ArgumentTypeError and ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.CosineEmbeddingLoss()(knoll.tensor([[3.0, 4.0]]), knoll.tensor([[4.0, 3.0]]), knoll.tensor([-1]))
    tensor(0.9600)
    """

    def __init__(
        self,
        margin: float = 0.0,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(margin, size_average, reduce, reduction)

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return F.cosine_embedding_loss(input1, input2, target, self.margin, reduction=self.reduction)


class TripletMarginLoss(_MarginLoss):
    """Loss of triplets of vectors: max(0, margin + d(anchor, positive) − d(anchor, negative)), d their distance.

    It wants the anchor nearer to the positive than to the negative, by at least the margin.
    Called as loss(anchor, positive, negative).

    Shapes: (…, d), the same for all three; the result is one number, or (…) with reduction="none".

    - `margin`: how much nearer, positive; 1 unless given.
    - `p`: the norm: 2 is the straight line, 1 the sum of the differences, ∞ the largest of them.
    - `eps`: added to each difference, so that equal vectors have a gradient.
    - `swap`: take the distance of positive and negative in place of that of anchor and negative where it is less.
    - `reduction`: "mean" over all triplets, "sum", or "none" for a loss for each.
    - `size_average`, `reduce`: older words for `reduction`, of which PyTorch warns.

    Raises ArgumentError; ArgumentTypeError, ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html;
    Balntas et al., Learning shallow convolutional feature descriptors with triplet losses, 2016.

    >>> import knoll
    >>> from knoll import nn
    >>> anchor, positive, negative = knoll.tensor([[0.0, 0.0], [1.5, 1.1], [0.0, 2.0]]).split(1)
    >>> nn.TripletMarginLoss()(anchor, positive, negative)
    tensor(0.8601)
    """

    p: float
    eps: float
    swap: bool

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool | None = None,
        reduce: bool | None = None,
        reduction: str = "mean",
    ) -> None:
        super().__init__(margin, size_average, reduce, reduction)
        positive_margin(
            margin, "TripletMarginLoss: expected margin to be greater than 0, got {margin} instead", "__init__"
        )
        self.p, self.eps, self.swap = p, eps, swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """The loss."""
        return F.triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap, reduction=self.reduction
        )


class TripletMarginWithDistanceLoss(_MarginLoss):
    """Loss of triplets with any distance d: max(0, margin + d(anchor, positive) − d(anchor, negative)).

    Called as loss(anchor, positive, negative).

    Shapes: what the distance takes; the result is one number, or of the shape of a distance with reduction="none".

    - `distance_function`: a function or a layer of two tensors; `PairwiseDistance()` unless given.
    - `margin`: how much nearer the positive is to be, positive; 1 unless given.
    - `swap`: take the distance of positive and negative in place of that of anchor and negative where it is less.
    - `reduction`: "mean" over all triplets, "sum", or "none" for a loss for each.

    Raises ArgumentError; ArgumentTypeError and ShapeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html

    >>> import knoll
    >>> from knoll import nn
    >>> anchor, positive, negative = knoll.tensor([[0.0, 0.0], [1.5, 1.1], [0.0, 2.0]]).split(1)
    >>> largest = nn.TripletMarginWithDistanceLoss(distance_function=nn.PairwiseDistance(p=float("inf")))
    >>> largest(anchor, positive, negative)
    tensor(0.5000)
    """

    distance_function: Distance
    swap: bool

    def __init__(
        self,
        *,
        distance_function: Distance | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__(margin, None, None, reduction)
        reason = "TripletMarginWithDistanceLoss: expected margin to be greater than 0, got {margin} instead"
        positive_margin(margin, reason, "__init__")
        self.distance_function = PairwiseDistance() if distance_function is None else distance_function
        self.swap = swap

    def _is_pure(self, *_: Tensor) -> bool:
        """No: a function of the user's own may do anything."""
        return False

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        """The loss."""
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )
