"""ONNX operators that are a linear map, a normalisation, a change of size or a loss."""

from __future__ import annotations

from typing import Any

from adapter import Node, composed, operator

from knoll import Tensor
from knoll.nn import functional as F


@operator("MatMul")
def matmul(_: Node, a: Tensor, b: Tensor) -> Tensor:
    """Rows by a matrix are a linear layer, if the matrix stands on its side."""
    return F.linear(a, b.transpose(0, 1)) if a.ndim > 1 and b.ndim == 2 else a @ b


@operator("Gemm")
def gemm(node: Node, a: Tensor, b: Tensor, c: Tensor | None = None) -> Tensor:
    """alpha · A · B + beta · C: a linear layer, where C has a number for each column."""
    rows, weight = a.transpose(0, 1) if node["transA"] else a, b if node["transB"] else b.transpose(0, 1)
    plain = node["alpha"] == node["beta"] == 1
    if c is not None and plain and c.shape[-1:] == weight.shape[:1] == (c.numel(),):
        return F.linear(rows, weight, c.reshape(-1))
    composed()
    y = node["alpha"] * F.linear(rows, weight)
    return y if c is None else y + node["beta"] * c


@operator("BatchNormalization")
def batch_normalization(node: Node, x: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, var: Tensor) -> Any:
    """ONNX's momentum is the share of the old, and it remembers the variance of the batch without correction."""
    training = bool(node["training_mode"])
    if not training:
        return F.batch_norm(x, mean, var, scale, shift, eps=node["epsilon"])
    composed()
    kept, count = node["momentum"], x.numel() // x.shape[1]
    new_mean, new_var = mean.clone(), var.clone()
    y = F.batch_norm(x, new_mean, new_var, scale, shift, True, 1 - kept, node["epsilon"])
    return y, new_mean, kept * var + (new_var - kept * var) * ((count - 1) / count)


@operator("InstanceNormalization")
def instance_normalization(node: Node, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """Every plane of every image is a channel of its own."""
    composed()
    n, c, *rest = x.shape
    planes = x.reshape((1, n * c, *rest))
    y = F.batch_norm(planes, None, None, scale.repeat(n), shift.repeat(n), True, eps=node["epsilon"])
    return y.reshape(x.shape)


@operator("NegativeLogLikelihoodLoss")
def nll_loss(node: Node, x: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    return F.nll_loss(x, target, weight, **_said(node))


@operator("SoftmaxCrossEntropyLoss")
def cross_entropy(node: Node, x: Tensor, target: Tensor, weight: Tensor | None = None) -> Any:
    """The loss and the logarithms of the probabilities."""
    if len(node.outputs) > 1:
        composed()
    return F.cross_entropy(x, target, weight, **_said(node)), F.log_softmax(x, 1)


def _said(node: Node) -> dict[str, Any]:
    ignored = {"ignore_index": node["ignore_index"]} if node["ignore_index"] is not None else {}
    return {"reduction": node["reduction"], **ignored}
