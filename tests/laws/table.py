"""Every layer of `knoll.nn`, one row or more for each: all laws hold for all rows.

A row is the layer as it is written in a program, so the same text makes PyTorch's.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import knoll
from knoll import nn
from knoll.graph import Array

Random = np.random.Generator
Maker = Callable[[Random, tuple[int, ...]], Array]  # an array for the shape of the first input


def normal(random: Random, shape: tuple[int, ...]) -> Array:
    """Numbers around zero."""
    return random.standard_normal(shape)


def labels(random: Random, shape: tuple[int, ...]) -> Array:
    """A class for each sample, or for each pixel of it."""
    return random.integers(0, shape[1], (shape[0], *shape[2:]))


def shares(random: Random, shape: tuple[int, ...]) -> Array:
    """Numbers between zero and one that sum to one for each sample."""
    sizes = random.uniform(0.1, 1.0, shape)
    return sizes / sizes.sum(axis=1, keepdims=True)


def rows(random: Random, shape: tuple[int, ...]) -> Array:
    """Numbers of the rows of a table of five, some of them several times."""
    return random.integers(0, 5, shape)


def signs(random: Random, shape: tuple[int, ...]) -> Array:
    """−1 or 1."""
    return random.choice([-1, 1], shape)


def signs_of_samples(random: Random, shape: tuple[int, ...]) -> Array:
    """−1 or 1 for each sample."""
    return signs(random, shape[:1])


def lists_of_labels(random: Random, shape: tuple[int, ...]) -> Array:
    """Some classes of each sample in any order, then −1, then anything."""
    lists = random.permuted(np.broadcast_to(np.arange(shape[1]), shape), axis=1)
    lists[np.arange(shape[0]), random.integers(0, shape[1], shape[0])] = -1
    return lists


def counts(random: Random, shape: tuple[int, ...]) -> Array:
    """Whole numbers that are not negative."""
    return random.poisson(2.0, shape).astype(np.float64)


def rows_of_four(random: Random, shape: tuple[int, ...]) -> Array:
    """As many rows, each of four numbers."""
    return random.standard_normal((*shape[:-1], 4))


def large_counts(random: Random, shape: tuple[int, ...]) -> Array:
    """Whole numbers above one, the last whose factorial is one."""
    return counts(random, shape) + 2


def variance_of_rows(random: Random, shape: tuple[int, ...]) -> Array:
    """A positive number for each sample."""
    return random.uniform(0.1, 1.0, (*shape[:-1], 1))


def winners(random: Random, shape: tuple[int, ...]) -> Array:
    """Where the largest of each 2×2 window stood."""
    h, w = shape[2:]
    rows = 2 * np.arange(h)[:, None] + random.integers(0, 2, shape)
    return rows * 2 * w + 2 * np.arange(w) + random.integers(0, 2, shape)


def winners_1d(random: Random, shape: tuple[int, ...]) -> Array:
    """Where the largest of each two stood."""
    return 2 * np.arange(shape[-1]) + random.integers(0, 2, shape)


def places(random: Random, shape: tuple[int, ...]) -> Array:
    """For each pixel another one of the same image: a plane has no index twice."""
    *front, h, w = shape
    return random.permuted(np.broadcast_to(np.arange(h * w), (*front, h * w)), axis=-1).reshape(shape)


@dataclass(frozen=True)
class Case:
    """A layer, what it is given, and what of the laws it is excused from.

    - `compiled`: all of it has kernels, with every gradient.
    - `modes`: training differs from use; `random`: training draws random numbers.
    - `mixes`: a sample's result depends on the other samples: "never", "training" or "always".
    - `unbatched`: a single sample may come without its batch axis, as in PyTorch.
    - `integers`: whole numbers may come.
    - `their_error`: how far PyTorch's own numbers are off in float64.
    - `evaluable`: the repr is an expression (PyTorch's often is not, and Knoll prints what PyTorch prints).
    """

    layer: str
    shape: tuple[int, ...]
    inputs: tuple[Maker, ...] = (normal,)
    compiled: bool = True
    modes: bool = False
    random: bool = False
    mixes: str = "never"
    unbatched: bool = True
    integers: bool = False
    evaluable: bool = True
    their_error: float = 0.0

    @property
    def has_slopes(self) -> bool:
        """Whether the first input has a gradient."""
        return self.inputs[0] is not rows

    @property
    def kinds(self) -> set[str]:
        """The classes that the row names."""
        return {name for name in nn.__all__ if re.search(rf"\b{name}\(", self.layer)}

    def build(self, dtype: str = "float32", library: Any = nn) -> Any:
        """The layer; Knoll's has numbers other than those that layers begin with, which hide mistakes."""
        knoll.manual_seed(11)
        tensor = sys.modules[library.__name__.partition(".")[0]].tensor
        layer = eval(self.layer, {**vars(library), "tensor": tensor})  # noqa: S307 (the table's own text)
        if "Lazy" in self.layer:  # it becomes an ordinary layer when it sees its first input
            layer(tensor(self.arrays()[0]))
        if library is nn:
            scatter(layer.to(np.dtype(dtype)))
        return layer

    def arrays(self, dtype: str = "float32", samples: int | None = None) -> list[Array]:
        """Inputs, the first so many samples of the same ones."""
        random = np.random.default_rng(3)
        made = [make(random, self.shape) for make in self.inputs]
        made = [array.astype(dtype) if array.dtype.kind == "f" else array for array in made]
        return made if samples is None else [array[:samples] for array in made]

    def mixes_in(self, training: bool) -> bool:
        """Whether samples depend on each other in this mode."""
        return self.mixes == "always" or (training and self.mixes == "training")

    def __str__(self) -> str:
        return self.layer.replace(" ", "")


def scatter(layer: nn.Module) -> None:
    """Move every parameter and buffer a little; buffers stay positive, as variances are."""
    random = np.random.default_rng(5)
    for parameter in layer.parameters():
        numbers = parameter.detach().numpy()
        little = 0.2 / np.prod(numbers.shape[1:]) ** 0.5
        numbers += (little * random.standard_normal(numbers.shape)).astype(numbers.dtype)
    for buffer in layer.buffers():
        numbers = buffer.detach().numpy()
        if numbers.dtype.kind == "f":
            numbers[...] = np.abs(numbers + 0.2 * random.standard_normal(numbers.shape)) + 0.1


ELEMENTWISE = (
    "Identity()", "Threshold(0.1, -2.0)", "ReLU()", "LeakyReLU(0.2)", "PReLU()", "Hardtanh(-0.5, 1.5)", "ReLU6()",
    "Hardsigmoid()", "Hardswish()", "Hardshrink()", "Softshrink(0.3)", "Sigmoid()", "Tanh()", "SiLU()", "Mish()",
    "GELU()", "GELU(approximate='tanh')", "ELU(0.7)", "CELU(1.5)", "SELU()", "LogSigmoid()", "Softplus(beta=1.5)",
    "Softsign()", "Tanhshrink()",
)  # fmt: skip
IN_PLACE = (
    "Threshold(0.1, -2.0, True)", "ReLU(True)", "LeakyReLU(0.2, True)", "Hardtanh(-0.5, 1.5, True)", "ReLU6(True)",
    "Hardsigmoid(True)", "Hardswish(True)", "SiLU(True)", "Mish(True)", "ELU(0.7, True)", "CELU(1.5, True)",
    "SELU(True)",
)  # fmt: skip


def their_error(layer: str) -> float:
    """PyTorch has 1/6 in single precision in the gradient of Hardsigmoid: `aten/src/ATen/native/cpu/Activation.cpp`."""
    return float(np.finfo(np.float32).eps) if "Hardsigmoid" in layer else 0.0


CASES = [
    # Convolution
    Case("Conv2d(1, 1, 1)", (3, 1, 1, 1)),
    Case("Conv2d(3, 17, 3)", (3, 3, 11, 9)),
    Case("Conv2d(5, 7, (3, 2), stride=(2, 3), padding=(2, 1), dilation=(1, 2), bias=False)", (3, 5, 13, 12)),
    Case("Conv2d(18, 33, 3, padding='same')", (3, 18, 7, 9), evaluable=False),
    Case("Conv2d(16, 32, 5, padding=2)", (3, 16, 9, 11)),
    Case("Conv2d(70, 3, 1, stride=2)", (3, 70, 5, 7)),
    Case("Conv2d(6, 12, 3, groups=3, padding=1)", (3, 6, 7, 6)),
    Case("Conv2d(19, 19, 3, groups=19, padding=1)", (3, 19, 8, 7)),
    *(
        Case(f"Conv2d(4, 9, 3, padding=(2, 1), padding_mode='{mode}')", (3, 4, 6, 7), evaluable=False)
        for mode in ("reflect", "replicate", "circular")
    ),
    Case("ConvTranspose2d(3, 17, 2, stride=2)", (3, 3, 5, 4)),
    Case("ConvTranspose2d(18, 7, (3, 4), stride=(2, 1), padding=1, output_padding=(1, 0))", (3, 18, 4, 5)),
    Case("ConvTranspose2d(6, 9, 3, groups=3, bias=False, dilation=2)", (3, 6, 4, 5)),
    # Pooling
    Case("MaxPool2d(2)", (3, 5, 8, 9), integers=True),
    Case("MaxPool2d(3, 2, 1)", (3, 17, 7, 8), integers=True),
    Case("MaxPool2d((3, 2), (2, 1), (1, 0), (2, 3), ceil_mode=True)", (3, 1, 9, 11)),
    Case("MaxPool2d(3, stride=2, return_indices=True)", (3, 4, 7, 9)),
    Case("AdaptiveMaxPool2d((3, 2))", (3, 5, 7, 8)),
    Case("AdaptiveMaxPool2d(4, return_indices=True)", (3, 17, 6, 9)),
    Case("MaxUnpool2d(2)", (3, 5, 4, 3), (normal, winners)),
    Case("MaxUnpool2d((3, 2), stride=(2, 1), padding=(1, 0))", (3, 19, 3, 4), (normal, places)),
    Case("AvgPool2d(2)", (3, 5, 8, 9)),
    Case("AvgPool2d((3, 2), (2, 1), (1, 0), ceil_mode=True, count_include_pad=False)", (3, 17, 8, 11)),
    Case("AvgPool2d(3, 1, 1, divisor_override=7)", (3, 2, 5, 4)),
    Case("LPPool2d(2, 2)", (3, 5, 8, 9)),
    Case("LPPool2d(2, (3, 2), stride=(2, 1), ceil_mode=True)", (3, 17, 8, 11)),
    Case("LPPool2d(4, 3, 1)", (3, 2, 5, 4), compiled=False),
    Case("FractionalMaxPool2d(2, 3)", (3, 5, 6, 8), compiled=False, evaluable=False),  # steps of 2 and 3: no chance
    Case(
        "FractionalMaxPool2d((1, 3), output_ratio=(0.5, 0.4), return_indices=True)",
        (3, 4, 4, 7),
        compiled=False,
        evaluable=False,
    ),
    Case("AdaptiveAvgPool2d(1)", (3, 35, 7, 7)),
    Case("AdaptiveAvgPool2d((3, None))", (3, 4, 8, 5)),
    # Along one axis
    Case("Conv1d(3, 17, 3)", (3, 3, 11)),
    Case("Conv1d(5, 7, 3, stride=2, padding=2, dilation=2, bias=False)", (3, 5, 13)),
    Case("Conv1d(18, 33, 3, padding='same')", (3, 18, 9), evaluable=False),
    Case("Conv1d(6, 12, 3, groups=3, padding=1)", (3, 6, 7)),
    *(
        Case(f"Conv1d(4, 9, 3, padding=2, padding_mode='{mode}')", (3, 4, 7), evaluable=False)
        for mode in ("reflect", "replicate", "circular")
    ),
    Case("ConvTranspose1d(3, 17, 2, stride=2)", (3, 3, 5)),
    Case("ConvTranspose1d(18, 7, 4, stride=3, padding=1, output_padding=1)", (3, 18, 5)),
    Case("ConvTranspose1d(6, 9, 3, groups=3, bias=False, dilation=2)", (3, 6, 4)),
    Case("MaxPool1d(2)", (3, 5, 9)),
    Case("MaxPool1d(3, 2, 1, 2, ceil_mode=True)", (3, 17, 10)),
    Case("MaxPool1d(3, stride=2, return_indices=True)", (3, 4, 9)),
    Case("AdaptiveMaxPool1d(3)", (3, 5, 8)),
    Case("AdaptiveMaxPool1d(4, return_indices=True)", (3, 17, 9)),
    Case("LPPool1d(2, 2)", (3, 5, 9)),
    Case("LPPool1d(2, 3, 2, ceil_mode=True)", (3, 17, 10)),
    Case("LPPool1d(1, 3, 1)", (3, 4, 9)),
    Case("MaxUnpool1d(2)", (3, 5, 4), (normal, winners_1d)),
    Case("AvgPool1d(2)", (3, 5, 9)),
    Case("AvgPool1d(3, 2, 1, ceil_mode=True, count_include_pad=False)", (3, 17, 10)),
    Case("AdaptiveAvgPool1d(1)", (3, 35, 7)),
    Case("AdaptiveAvgPool1d(3)", (3, 4, 8)),
    Case("ZeroPad1d(1)", (3, 5, 6), integers=True),
    Case("ConstantPad1d((2, -1), 3)", (3, 5, 6), integers=True),
    Case("ReflectionPad1d((3, 0))", (3, 17, 6), integers=True),
    Case("ReplicationPad1d((5, 1))", (3, 4, 6), integers=True),
    Case("CircularPad1d((6, 1))", (3, 4, 6), integers=True),
    # Padding
    Case("ZeroPad2d(1)", (3, 5, 4, 6), integers=True),
    Case("ConstantPad2d((1, 2, 0, -1), 3)", (3, 5, 4, 6), integers=True),
    Case("ReflectionPad2d((3, 0, 1, 2))", (3, 17, 4, 6), integers=True),
    Case("ReplicationPad2d((5, 1, 0, 6))", (3, 4, 4, 6), integers=True),
    Case("CircularPad2d((6, 1, 2, 4))", (3, 4, 4, 6), integers=True),
    # Enlarging
    Case("Upsample(scale_factor=2)", (3, 5, 4, 6), unbatched=False),
    Case("Upsample((7, 5), mode='nearest-exact')", (3, 19, 4, 6), unbatched=False),
    Case("Upsample(scale_factor=(2, 1.5), mode='bilinear')", (3, 5, 4, 6), unbatched=False),
    Case("Upsample(scale_factor=(2, 0.7), mode='bicubic')", (3, 5, 4, 6), unbatched=False),
    Case("UpsamplingNearest2d(size=7)", (3, 5, 4, 6), evaluable=False, unbatched=False),
    Case("UpsamplingBilinear2d(size=(9, 5))", (3, 17, 4, 6), evaluable=False, unbatched=False),
    # Linear
    Case("Linear(1, 1)", (3, 1)),
    Case("Linear(37, 10)", (5, 37)),
    Case("Linear(64, 70, bias=False)", (3, 64)),
    Case("Linear(9, 4)", (3, 2, 9)),
    Case("Bilinear(7, 4, 5)", (3, 7), (normal, rows_of_four)),
    Case("Bilinear(3, 4, 17, bias=False)", (3, 2, 3), (normal, rows_of_four)),
    Case("Linear(20, 35)", (3, 2, 7, 20)),
    Case(
        "Sequential(Linear(5, 8), PReLU(3), Linear(8, 5), BatchNorm2d(3))",
        (4, 3, 3, 5),
        modes=True,
        mixes="training",
        unbatched=False,
        evaluable=False,
    ),
    Case("Embedding(5, 3)", (3, 4), (rows,)),
    Case("Embedding(5, 17)", (3, 2, 4), (rows,)),
    Case("CosineSimilarity()", (3, 5, 4), (normal, normal), unbatched=False),
    Case("CosineSimilarity(dim=2)", (3, 5, 17), (normal, normal), unbatched=False),
    Case("PairwiseDistance()", (3, 4, 9), (normal, normal)),
    Case("PairwiseDistance(p=1, keepdim=True)", (3, 21), (normal, normal)),
    Case("Sequential(Linear(7, 70), GELU(), Linear(70, 3), Sigmoid())", (3, 13, 7), evaluable=False),
    # Element by element
    *(
        Case(layer, shape, integers=layer in ("Identity()", "ReLU()"), their_error=their_error(layer))
        for layer in ELEMENTWISE
        for shape in ((3, 5, 4, 7), (3, 21))
    ),
    *(
        Case(f"Sequential(Conv2d(2, 5, 1), {layer})", (3, 2, 4, 7), evaluable=False, their_error=their_error(layer))
        for layer in IN_PLACE
    ),
    Case("PReLU(5)", (3, 5, 4, 7), unbatched=False),
    Case("RReLU(0.1, 0.4)", (3, 5, 4, 7), random=True),
    # Along an axis
    Case("Softmax(dim=1)", (3, 11), unbatched=False),
    Case("Softmin(dim=1)", (3, 5, 4), unbatched=False),
    Case("Softmax2d()", (3, 5, 4, 7)),
    Case("LogSoftmax(dim=-1)", (3, 11)),
    Case("LogSoftmax(dim=1)", (3, 5, 4, 7), unbatched=False),
    Case("GLU(dim=1)", (3, 6, 4, 7), unbatched=False),
    Case("MultiheadAttention(6, 2, batch_first=True)", (3, 5, 6), (normal, normal, normal), evaluable=False),
    Case(
        "MultiheadAttention(68, 4, bias=False, batch_first=True)",
        (3, 9, 68),
        (normal, normal, normal),
        evaluable=False,
    ),
    Case("TransformerEncoderLayer(6, 2, 9, 0.0, batch_first=True)", (3, 5, 6), evaluable=False),
    Case(
        "TransformerEncoderLayer(6, 3, 9, 0.0, 'gelu', batch_first=True, norm_first=True, bias=False)",
        (3, 5, 6),
        evaluable=False,
    ),
    Case("TransformerDecoderLayer(6, 2, 9, 0.0, batch_first=True)", (3, 5, 6), (normal, normal), evaluable=False),
    Case("TransformerEncoder(TransformerEncoderLayer(6, 2, 9, 0.0, batch_first=True), 2)", (3, 5, 6), evaluable=False),
    Case(
        "TransformerDecoder(TransformerDecoderLayer(6, 2, 9, 0.0, batch_first=True), 2, LayerNorm(6))",
        (3, 5, 6),
        (normal, normal),
        evaluable=False,
    ),
    Case("Transformer(6, 2, 1, 1, 9, 0.0, batch_first=True)", (3, 5, 6), (normal, normal), evaluable=False),
    # Statistics
    Case("BatchNorm1d(7)", (5, 7), modes=True, mixes="training", unbatched=False),
    Case("BatchNorm1d(17, affine=False)", (4, 17, 5), modes=True, mixes="training", unbatched=False),
    Case("BatchNorm2d(5)", (3, 5, 4, 7), modes=True, mixes="training", unbatched=False),
    Case("BatchNorm2d(17, eps=0.01, momentum=None)", (3, 17, 3, 2), modes=True, mixes="training", unbatched=False),
    Case("BatchNorm2d(3, track_running_stats=False)", (3, 3, 5, 5), mixes="always", unbatched=False),
    Case("SyncBatchNorm(5)", (3, 5, 4, 7), modes=True, mixes="training", unbatched=False),
    Case("SyncBatchNorm(7, affine=False)", (5, 7), modes=True, mixes="training", unbatched=False),
    Case("LayerNorm(7)", (3, 5, 7)),
    Case("LayerNorm([5, 4, 7], eps=0.01, bias=False)", (3, 5, 4, 7)),
    Case("LayerNorm(33, elementwise_affine=False)", (3, 4, 33)),
    Case("RMSNorm(21)", (3, 4, 21)),
    Case("RMSNorm((4, 7), 0.01, elementwise_affine=False)", (3, 5, 4, 7)),
    Case("GroupNorm(2, 6)", (3, 6, 4, 5), unbatched=False),
    Case("GroupNorm(3, 6)", (5, 6), unbatched=False),
    Case("GroupNorm(1, 17, affine=False)", (3, 17, 9), unbatched=False),
    Case("InstanceNorm1d(5, affine=True)", (3, 5, 9)),
    Case("InstanceNorm2d(5)", (3, 5, 4, 7)),
    Case("InstanceNorm2d(17, affine=True, bias=False, track_running_stats=True)", (3, 17, 4, 3), modes=True),
    Case("LocalResponseNorm(3, alpha=0.5)", (3, 7, 4, 5), unbatched=False),
    Case("LocalResponseNorm(4, 0.1, 0.5, 2.0)", (3, 18, 9), unbatched=False),
    # Chance
    Case("Dropout()", (3, 5, 4, 7), random=True),
    Case("Dropout(0.1)", (3, 21), random=True),
    Case("Dropout1d(0.3)", (3, 6, 8), random=True),
    Case("Dropout2d(0.3)", (3, 17, 4, 5), random=True, unbatched=False),
    Case("Dropout3d(0.3)", (3, 4, 2, 3, 4), random=True),
    Case("AlphaDropout(0.2)", (3, 5, 4, 7), random=True),
    Case("FeatureAlphaDropout(0.2)", (3, 5, 4, 7), random=True, unbatched=False),
    # Shapes
    Case("PixelShuffle(2)", (3, 12, 3, 5), integers=True),
    Case("PixelShuffle(3)", (3, 18, 17, 5)),
    Case("PixelUnshuffle(2)", (3, 5, 4, 34)),
    Case("ChannelShuffle(2)", (3, 38, 2, 3), unbatched=False),
    Case("PixelUnshuffle(3)", (3, 2, 6, 9), integers=True),
    Case("ChannelShuffle(3)", (3, 6, 4, 5), integers=True, unbatched=False),
    Case("Unfold(2)", (3, 5, 4, 3)),
    Case("Unfold((3, 2), dilation=(1, 2), padding=(1, 0), stride=2)", (3, 2, 7, 6)),
    Case("Fold((4, 5), 2)", (3, 12, 12)),
    Case("Fold((5, 7), (3, 2), padding=1, stride=(1, 2))", (3, 6, 20)),
    Case("Flatten()", (3, 5, 4, 3), unbatched=False, integers=True),
    Case("Unflatten(1, (2, 3))", (3, 6), unbatched=False, integers=True),
    # Losses
    Case("CrossEntropyLoss()", (5, 10), (normal, labels), mixes="always"),
    Case(
        "CrossEntropyLoss(tensor([0.5, 1.0, 2.0]), ignore_index=1, label_smoothing=0.2)",
        (4, 3, 2, 5),
        (normal, labels),
        mixes="always",
        unbatched=False,
    ),
    Case("CrossEntropyLoss(reduction='none')", (5, 10), (normal, labels)),
    Case("CrossEntropyLoss(reduction='sum')", (5, 10), (normal, shares), mixes="always"),
    Case(
        "CrossEntropyLoss(tensor([0.5, 1.0, 2.0]), label_smoothing=0.2)",
        (4, 3, 2, 5),
        (normal, shares),
        mixes="always",
        unbatched=False,
    ),
    Case("NLLLoss()", (3, 4, 2, 5), (normal, labels), mixes="always", unbatched=False),
    Case("NLLLoss(tensor([0.5, 1.0, 2.0]), ignore_index=1)", (5, 3), (normal, labels), mixes="always"),
    Case("NLLLoss(tensor([0.5, 1.0, 2.0]), reduction='sum')", (5, 3), (normal, labels), mixes="always"),
    Case("NLLLoss(ignore_index=0, reduction='none')", (3, 4, 2, 5), (normal, labels), unbatched=False),
    *(
        Case(layer, (5, 10), inputs, mixes="always")
        for layer, inputs in {
            "L1Loss()": (normal, normal),
            "L1Loss(reduction='sum')": (normal, normal),
            "MSELoss()": (normal, normal),
            "MSELoss(reduction='sum')": (normal, normal),
            "SmoothL1Loss(beta=0.7)": (normal, normal),
            "HuberLoss(delta=0.7)": (normal, normal),
            "BCELoss()": (shares, shares),
            "BCEWithLogitsLoss()": (normal, shares),
            "SoftMarginLoss()": (normal, signs),
            "KLDivLoss(reduction='sum')": (normal, shares),
            "GaussianNLLLoss(full=True)": (normal, normal, shares),
            "BCELoss(tensor([0.5]), reduction='sum')": (shares, shares),
            "BCEWithLogitsLoss(pos_weight=tensor([3.0]))": (normal, shares),
            "GaussianNLLLoss(reduction='sum')": (normal, normal, variance_of_rows),
            "PoissonNLLLoss()": (normal, counts),
            "PoissonNLLLoss(log_input=False, full=True)": (shares, large_counts),
        }.items()
    ),
    Case(
        "KLDivLoss(reduction='batchmean', log_target=True)", (5, 10), (normal, normal), mixes="always", unbatched=False
    ),
    Case("BCELoss(tensor([0.5, 1.0, 2.0]).reshape(3, 1, 1))", (4, 3, 2, 5), (shares, shares), mixes="always"),
    Case(
        "BCEWithLogitsLoss(tensor([1.0, 2.0, 3.0, 4.0, 5.0]), pos_weight=tensor([0.5, 1.0, 2.0]).reshape(3, 1, 1))",
        (4, 3, 2, 5),
        (normal, shares),
        mixes="always",
    ),
    *(
        Case(layer, (5, 10), inputs, mixes="always", compiled=compiled)
        for layer, inputs, compiled in (
            ("MarginRankingLoss(0.5)", (normal, normal, signs), True),
            ("HingeEmbeddingLoss(2.0, reduction='sum')", (normal, signs), True),
            ("CosineEmbeddingLoss(-0.2)", (normal, normal, signs_of_samples), True),
            ("TripletMarginLoss()", (normal, normal, normal), True),
            ("TripletMarginLoss(9.0, p=1, swap=True, reduction='sum')", (normal, normal, normal), True),
            ("MultiMarginLoss()", (normal, labels), True),
            ("MultiMarginLoss(2, 0.7, tensor([0.5, 1.0] * 5), reduction='sum')", (normal, labels), True),
            ("MultiLabelMarginLoss()", (normal, lists_of_labels), False),
            ("MultiLabelSoftMarginLoss()", (normal, shares), True),
            ("MultiLabelSoftMarginLoss(tensor([0.5, 1.0] * 5))", (normal, shares), True),
        )
    ),
    Case(
        "TripletMarginWithDistanceLoss()",
        (5, 10),
        (normal, normal, normal),
        mixes="always",
        evaluable=False,
    ),
    Case("MarginRankingLoss(reduction='none')", (3, 5, 4, 7), (normal, normal, signs)),
    Case("HingeEmbeddingLoss(reduction='none')", (3, 5, 4, 7), (normal, signs)),
    Case("CosineEmbeddingLoss(reduction='none')", (5, 10), (normal, normal, signs_of_samples)),
    Case("TripletMarginLoss(p=1, reduction='none')", (3, 4, 9), (normal, normal, normal)),
    Case("MultiLabelMarginLoss(reduction='none')", (5, 10), (normal, lists_of_labels), compiled=False),
    Case("MultiLabelSoftMarginLoss(reduction='none')", (3, 5), (normal, shares)),
    Case("SoftMarginLoss(reduction='none')", (3, 5, 4, 7), (normal, signs)),
    Case("KLDivLoss(reduction='none')", (3, 5, 4, 7), (normal, shares)),
    Case("GaussianNLLLoss(reduction='none')", (3, 5, 4, 7), (normal, normal, shares)),
    Case("MSELoss(reduction='none')", (3, 5, 4, 7), (normal, normal)),
    # Lazy layers
    Case("LazyConv2d(7, 3, padding=1)", (3, 5, 6, 4)),
    Case("LazyConvTranspose2d(7, 2, stride=2)", (3, 5, 3, 4)),
    Case("LazyLinear(9)", (3, 21)),
    Case("LazyConv1d(7, 3, padding=1)", (3, 5, 6)),
    Case("LazyConvTranspose1d(7, 2, stride=2)", (3, 5, 3)),
    Case("LazyInstanceNorm1d()", (3, 5, 9), modes=True),
    Case("LazyInstanceNorm2d(track_running_stats=False)", (3, 5, 4, 3)),
    Case("LazyBatchNorm1d()", (5, 7), modes=True, mixes="training", unbatched=False),
    Case("LazyBatchNorm2d()", (3, 5, 4, 7), modes=True, mixes="training", unbatched=False),
    # Containers
    Case(
        "Sequential(Conv2d(3, 8, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(72, 5))",
        (3, 3, 8, 9),
        unbatched=False,
        evaluable=False,
    ),
]

WITHOUT_FORWARD = {"Module", "ModuleDict", "ModuleList", "ParameterDict", "ParameterList"}  # they hold layers
OLD_NAMES = {"NLLLoss2d"}  # of layers that have another
