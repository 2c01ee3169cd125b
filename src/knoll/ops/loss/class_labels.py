"""What losses over class labels share: their shapes, labels in range, and the weight of each label."""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError, DTypeError, LabelError, ShapeError
from knoll.graph import Array, IndexOperand, Node, Reads, Shape, Spec, along
from knoll.messages import say
from knoll.ops.dtypes import scalar_name

IGNORED = -100  # the label that does not count, unless another is named
VOID = 255  # what masks have for pixels that do not count, as those of PASCAL VOC and Cityscapes


def labelled_shape(x: Spec, target: Spec) -> Shape:
    """Scores (n, classes, …) and class numbers (n, …) → losses (n, …)."""
    if x.rank < 2 or target.rank != x.rank - 1:
        raise ShapeError(
            f"Expected scores (n, classes, …) and class numbers (n, …), but got {x.shape} and {target.shape}"
        )
    if x.shape[0] != target.shape[0]:
        raise ArgumentError(
            f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({target.shape[0]}).",
            expected=say("ops.label_each"),
            got=f"{x.shape}, {target.shape}",
        )
    if x.shape[2:] != target.shape[1:]:
        raise ShapeError(f"size mismatch (got input: {list(x.shape)} , target: {list(target.shape)}")
    if target.dtype.kind not in "iu":
        raise DTypeError(
            f"expected target dtype to be Long or Byte, but got {scalar_name(target.dtype)}",
            advice=say("ops.classes_dtype"),
        )
    return target.shape


def labelled_reads(node: Node, _: int) -> tuple[Reads, ...]:
    """The scores of all classes, the class, and the weights of all classes."""
    pixels = range(1, node.specs[0].rank)
    return (along(0, None, *pixels), along(0, *pixels), along(None))[: len(node.inputs)]


def check_labels(target: Array, classes: int, ignore: int = IGNORED) -> None:
    """Refuse class numbers that there are no scores for, but for `ignore`: kernels read wherever a label points."""
    wide = target.astype(np.int64, copy=False)
    if not (wide.view(np.uint64) >= classes).any():  # negative ones are very large ones
        return
    wrong = np.flatnonzero(((wide < 0) | (wide >= classes)) & (wide != ignore))
    if wrong.size:
        position = int(wrong[0]) if wide.ndim < 2 else tuple(map(int, np.unravel_index(wrong[0], wide.shape)))
        label = wide.ravel()[wrong[0]]
        raise LabelError(
            f"Target {label} is out of bounds.",
            expected=say("ops.labels", last=classes - 1),
            got=say("ops.label", label=label, position=position),
            advice=_label_advice(wide.ravel(), wrong, classes, ignore),
        )


def _label_advice(labels: Array, wrong: Array, classes: int, ignore: int) -> str | None:
    """What the labels that have no score say of the mistake."""
    strange, kept = np.unique(labels[wrong]), labels[labels != ignore]
    if len(strange) == 1 and (strange[0] < 0 or strange[0] == VOID):
        return say("ops.ignored_label", label=strange[0])
    if kept.min() < 0:
        return None
    outputs = int(kept.max()) + 1
    return say("ops.labels_from_one" if kept.min() == 1 and outputs == classes + 1 else "ops.outputs", outputs=outputs)


def ignored_by(node: Node) -> int:
    """The label that does not count."""
    return int(node.attributes.get("ignore", IGNORED))


def labels_at(node: Node, position: int, classes: int) -> IndexOperand:
    """The labels of a node, which name one of so many classes."""
    return IndexOperand(position, check_labels, (classes, ignored_by(node)))


def labels_and_weights(target: Array, weight: Array | None, ignore: int, like: Array) -> tuple[Array, Array]:
    """Labels in range, and the weight of each: its class's weight, or zero where it is ignored."""
    kept = target != ignore
    labels = np.where(kept, target, 0)
    label_weights = kept.astype(like.dtype) if weight is None else np.where(kept, weight[labels], like.dtype.type(0))
    return labels, label_weights


def at_label(x: Array, labels: Array) -> Array:
    """Of each score vector the one at its label."""
    if x.ndim == 2:
        return x[np.arange(len(x)), labels]
    return np.take_along_axis(x, labels[:, None], axis=1)[:, 0]


def subtract_at_label(x: Array, labels: Array, less: Array) -> None:
    """Subtract from each score vector at its label, in place."""
    if x.ndim == 2:
        x[np.arange(len(x)), labels] -= less
        return
    at = labels[:, None]
    np.put_along_axis(x, at, np.take_along_axis(x, at, 1) - less[:, None], 1)


def per_class(weight: Array, rank: int) -> Array:
    """One number for each class, so that it broadcasts along the other axes."""
    return weight.reshape(-1, *(1,) * (rank - 2))
