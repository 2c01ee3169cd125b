"""ConvNeXt: a residual network with the habits of transformers: windows of 7 by 7, few norms and activations, GELU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from knoll.graph import Shape
from knoll.nn import (
    GELU,
    AdaptiveAvgPool2d,
    Conv2d,
    Flatten,
    LayerNorm,
    Linear,
    Module,
    Parameter,
    Sequential,
    init,
)
from knoll.nn import functional as F
from knoll.tensor import Tensor, full
from knoll.tensor.arguments import real
from knoll.vision.models.imagenet import trained_on_imagenet
from knoll.vision.models.settings import block_settings, maker
from knoll.vision.models.sizes import large_enough
from knoll.vision.models.weights import WeightsEnum, published
from knoll.vision.ops import Conv2dNormActivation, Permute, StochasticDepth

__all__ = [
    "ConvNeXt",
    "ConvNeXt_Base_Weights",
    "ConvNeXt_Large_Weights",
    "ConvNeXt_Small_Weights",
    "ConvNeXt_Tiny_Weights",
    "convnext_base",
    "convnext_large",
    "convnext_small",
    "convnext_tiny",
]


class LayerNorm2d(LayerNorm):
    """Layer normalisation over the channels of each pixel of images (n, c, h, w)."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """(n, c, h, w) → the same."""
        pixels = input.permute(0, 2, 3, 1)
        return F.layer_norm(pixels, self.normalized_shape, self.weight, self.bias, self.eps).permute(0, 3, 1, 2)


class CNBlock(Module):
    """A window of 7 by 7 in each channel, then two layers over the channels of each pixel, beside a shortcut.

    (n, dim, h, w) → the same. `layer_scale` is the factor that each channel of the branch begins with.
    """

    block: Sequential
    layer_scale: Parameter
    stochastic_depth: StochasticDepth

    def __init__(
        self,
        dim: int,
        layer_scale: float,
        stochastic_depth_prob: float,
        norm_layer: Callable[..., Module] | None = None,
    ) -> None:
        super().__init__()
        self.block = Sequential(
            Conv2d(dim, dim, 7, padding=3, groups=dim),
            Permute([0, 2, 3, 1]),
            LayerNorm(dim, eps=1e-6) if norm_layer is None else norm_layer(dim),
            Linear(dim, 4 * dim),
            GELU(),
            Linear(4 * dim, dim),
            Permute([0, 3, 1, 2]),
        )
        self.layer_scale = Parameter(full((dim, 1, 1), real(layer_scale, "CNBlock", "layer_scale")))
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """The branch, which training may leave out, and the shortcut."""
        return self.stochastic_depth(self.layer_scale * self.block(input)) + input


class CNBlockConfig:
    """The sizes of a stage: `num_layers` blocks of `input_channels`, and how many channels the next stage has, if any.

    >>> from knoll.vision.models.convnext import CNBlockConfig
    >>> CNBlockConfig(96, 192, 3)
    CNBlockConfig(input_channels=96, out_channels=192, num_layers=3)
    """

    def __init__(self, input_channels: int, out_channels: int | None, num_layers: int) -> None:
        self.input_channels = input_channels
        self.out_channels = out_channels
        self.num_layers = num_layers

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in vars(self).items())})"


class ConvNeXt(Module):
    """ConvNeXt for images (n, c, h, w) of 32 rows and columns or more; made for 224.

    Keys, initial weights and results are torchvision's: `features.1.0.layer_scale`, `classifier.2.bias` and so on.
    Raises ArgumentError, ArgumentTypeError.
    Source: Liu et al., A ConvNet for the 2020s, 2022, https://pytorch.org/vision/stable/models/convnext.html

    - `block_setting`: a `CNBlockConfig` for each stage.
    - `stochastic_depth_prob`: how often training leaves out the last branch; those before it less, in proportion.
    - `layer_scale`: the factor that each channel of a branch begins with.
    - `block`: what makes a block of its channels, `layer_scale` and its probability; without it `CNBlock`.
    - `norm_layer`: what makes a normalisation of a number of channels; without it layer norm over them, with eps 1e-6.

    >>> from knoll.vision.models.convnext import CNBlockConfig, ConvNeXt
    >>> net = ConvNeXt([CNBlockConfig(8, 16, 1), CNBlockConfig(16, None, 2)], num_classes=10)
    >>> net.features[2][1]
    Conv2d(8, 16, kernel_size=(2, 2), stride=(2, 2))
    """

    input_shape: Shape
    features: Sequential
    avgpool: AdaptiveAvgPool2d
    classifier: Sequential

    def __init__(
        self,
        block_setting: Sequence[CNBlockConfig],
        stochastic_depth_prob: float = 0.0,
        layer_scale: float = 1e-6,
        num_classes: int = 1000,
        block: Callable[..., Module] | None = None,
        norm_layer: Callable[..., Module] | None = None,
        input_shape: Shape = (3, 224, 224),
    ) -> None:
        super().__init__()
        stages = block_settings(block_setting, CNBlockConfig, "block_setting", "List[CNBlockConfig]")
        left_out = real(stochastic_depth_prob, "ConvNeXt", "stochastic_depth_prob")
        norm = maker(norm_layer, partial(LayerNorm2d, eps=1e-6), "norm_layer")
        make = maker(block, CNBlock, "block")
        self.input_shape = large_enough(input_shape, 2 ** (2 + sum(each.out_channels is not None for each in stages)))
        first = (input_shape[0], stages[0].input_channels, 4, 4, 0)
        self.features = Sequential(
            Conv2dNormActivation(*first, norm_layer=norm, activation_layer=None, bias=True),
            *_stages(stages, left_out, lambda channels, chance: make(channels, layer_scale, chance), norm),
        )
        self.avgpool = AdaptiveAvgPool2d(1)
        last = stages[-1].input_channels if stages[-1].out_channels is None else stages[-1].out_channels
        self.classifier = Sequential(norm(last), Flatten(1), Linear(last, num_classes))
        for module in self.modules():
            _initialise(module)

    def _forward_impl(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)))

    def forward(self, x: Tensor) -> Tensor:
        """Scores (n, num_classes) for images (n, c, h, w)."""
        return self._forward_impl(x)


def _stages(
    stages: Sequence[CNBlockConfig],
    left_out: float,
    block: Callable[[int, float], Module],
    norm: Callable[..., Module],
) -> Iterator[Module]:
    """The blocks of each stage, and behind them what halves rows and columns; later blocks are left out more often."""
    depth, last = 0, sum(stage.num_layers for stage in stages) - 1
    for stage in stages:
        chances = [left_out * (depth + number) / last if last else 0.0 for number in range(stage.num_layers)]
        yield Sequential(*(block(stage.input_channels, chance) for chance in chances))
        depth += stage.num_layers
        if stage.out_channels is not None:
            yield Sequential(norm(stage.input_channels), Conv2d(stage.input_channels, stage.out_channels, 2, 2))


def _initialise(module: Module) -> None:
    """Draw the parameters of a layer as torchvision does."""
    if isinstance(module, Conv2d | Linear):
        init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            init.zeros_(module.bias)


def _net(
    channels: Sequence[int], depths: Sequence[int], left_out: float, num_classes: int, input_shape: Shape, config: Any
) -> ConvNeXt:
    """A network of four stages, with these channels and blocks."""
    stages = [CNBlockConfig(*sizes) for sizes in zip(channels, (*channels[1:], None), depths, strict=True)]
    return ConvNeXt(stages, left_out, num_classes=num_classes, input_shape=input_shape, **config)


_RECIPE = "tree/main/references/classification#convnext"


class ConvNeXt_Tiny_Weights(WeightsEnum):
    """Weights for `convnext_tiny`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "convnext_tiny-983f1562", 28_589_128, 82.520, 96.146, _RECIPE, least=32, resize_size=236
    )
    DEFAULT = IMAGENET1K_V1


class ConvNeXt_Small_Weights(WeightsEnum):
    """Weights for `convnext_small`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "convnext_small-0c510722", 50_223_688, 83.616, 96.650, _RECIPE, least=32, resize_size=230
    )
    DEFAULT = IMAGENET1K_V1


class ConvNeXt_Base_Weights(WeightsEnum):
    """Weights for `convnext_base`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "convnext_base-6075fbad", 88_591_464, 84.062, 96.870, _RECIPE, least=32, resize_size=232
    )
    DEFAULT = IMAGENET1K_V1


class ConvNeXt_Large_Weights(WeightsEnum):
    """Weights for `convnext_large`."""

    IMAGENET1K_V1 = trained_on_imagenet(
        "convnext_large-ea097f82", 197_767_336, 84.414, 96.976, _RECIPE, least=32, resize_size=232
    )
    DEFAULT = IMAGENET1K_V1


@published(ConvNeXt_Tiny_Weights)
def convnext_tiny(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), stochastic_depth_prob: float = 0.1, **config: Any
) -> ConvNeXt:
    """A new ConvNeXt of 18 blocks: 28,589,128 parameters for 1000 classes."""
    return _net((96, 192, 384, 768), (3, 3, 9, 3), stochastic_depth_prob, num_classes, input_shape, config)


@published(ConvNeXt_Small_Weights)
def convnext_small(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), stochastic_depth_prob: float = 0.4, **config: Any
) -> ConvNeXt:
    """A new ConvNeXt of 36 blocks: 50,223,688 parameters for 1000 classes."""
    return _net((96, 192, 384, 768), (3, 3, 27, 3), stochastic_depth_prob, num_classes, input_shape, config)


@published(ConvNeXt_Base_Weights)
def convnext_base(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), stochastic_depth_prob: float = 0.5, **config: Any
) -> ConvNeXt:
    """A new ConvNeXt of 36 wider blocks: 88,591,464 parameters for 1000 classes."""
    return _net((128, 256, 512, 1024), (3, 3, 27, 3), stochastic_depth_prob, num_classes, input_shape, config)


@published(ConvNeXt_Large_Weights)
def convnext_large(
    num_classes: int = 1000, input_shape: Shape = (3, 224, 224), stochastic_depth_prob: float = 0.5, **config: Any
) -> ConvNeXt:
    """A new ConvNeXt of 36 blocks twice as wide as the smallest: 197,767,336 parameters for 1000 classes."""
    return _net((192, 384, 768, 1536), (3, 3, 27, 3), stochastic_depth_prob, num_classes, input_shape, config)
