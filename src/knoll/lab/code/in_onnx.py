"""Layers as nodes of ONNX."""

from __future__ import annotations

from collections.abc import Mapping

from knoll import nn
from knoll.lab.code.stage import Piece, Recipe, Stage, piece, slide_of
from knoll.messages import sentence
from knoll.nn import Module


def node(operator: str, inputs: str = "", **attributes: object) -> Piece:
    """A node that makes y of x; `inputs` are further ones."""
    words = "".join(f", {name}={value!r}" for name, value in attributes.items())
    return piece(f'nodes.append(node("{operator}", [x{inputs}], ["{{y}}"]{words}))')


def plain(operator: str, **names: str) -> Recipe:
    """A node whose attributes are arguments of the layer."""

    def recipe(stage: Stage) -> Piece:
        attributes: dict[str, object] = {name: float(getattr(stage.layer, own)) for name, own in names.items()}
        return node(operator, "", **attributes)

    return recipe


def _weights(stage: Stage) -> str:
    names = ["weight", *(["bias"] if stage.layer.bias is not None else [])]
    return "".join(f', "{stage.name(name)}"' for name in names)


def conv2d(stage: Stage) -> Piece | None:
    """Padding other than zeros is a node of its own in ONNX."""
    layer, slide = stage.layer, slide_of(stage)
    if layer.padding_mode != "zeros":
        return None
    (top, bottom), (left, right) = slide.sides
    found = node(
        "Conv", _weights(stage), kernel_shape=[*slide.kernel], strides=[*slide.stride], dilations=[*slide.dilation],
        pads=[top, left, bottom, right], group=layer.groups,
    )  # fmt: skip
    return piece(*found.lines, notes=(sentence("lab.onnx_pads"),))


def conv_transpose2d(stage: Stage) -> Piece | None:
    """Padding is cut off, as in PyTorch; ONNX's evaluator, by which the program runs, adds groups up wrongly."""
    layer = stage.layer
    if layer.groups != 1:
        return None
    return node(
        "ConvTranspose", _weights(stage), kernel_shape=[*layer.kernel_size], strides=[*layer.stride],
        dilations=[*layer.dilation], pads=[*layer.padding, *layer.padding], output_padding=[*layer.output_padding],
    )  # fmt: skip


def pool(operator: str) -> Recipe:
    """What `ceil_mode` adds at the end is written as padding, where it counts for nothing."""

    def recipe(stage: Stage) -> Piece | None:
        layer, slide = stage.layer, slide_of(stage)
        (top, bottom), (left, right) = slide.sides
        rest: dict[str, object] = {"dilations": [*slide.dilation]} if operator == "MaxPool" else {}
        if operator == "AveragePool":
            if layer.divisor_override or layer.ceil_mode:
                return None
            rest = {"count_include_pad": int(layer.count_include_pad)}
        words = {"kernel_shape": [*slide.kernel], "strides": [*slide.stride], "pads": [top, left, bottom, right]}
        return node(operator, "", **words, **rest)

    return recipe


def average_all(stage: Stage) -> Piece | None:
    """The mean of each channel."""
    return node("GlobalAveragePool") if stage.made[2:] == (1, 1) else None


def flatten(stage: Stage) -> Piece | None:
    """All axes after the first become one."""
    return node("Flatten") if len(stage.made) == 2 else None


def linear(stage: Stage) -> Piece | None:
    """ONNX multiplies matrices; the weight is transposed."""
    return node("Gemm", _weights(stage), transB=1) if len(stage.taken) == 2 else None


def softmax(operator: str) -> Recipe:
    """Along an axis."""

    def recipe(stage: Stage) -> Piece | None:
        axis = getattr(stage.layer, "dim", 1)
        return None if axis is None else node(operator, "", axis=int(axis))

    return recipe


def clipped(stage: Stage) -> Piece:
    """Between two numbers."""
    layer = stage.layer
    low, high = (0.0, 6.0) if isinstance(layer, nn.ReLU6) else (layer.min_val, layer.max_val)
    names = (stage.name("low"), stage.name("high"))
    made = [f"{name} = np.float32({value})" for name, value in zip(names, (low, high), strict=True)]
    return piece(*made, f'nodes.append(node("Clip", [x, "{names[0]}", "{names[1]}"], ["{{y}}"]))')


def shuffled(stage: Stage) -> Piece:
    """Channels become rows and columns in PyTorch's order."""
    return node("DepthToSpace", blocksize=stage.layer.upscale_factor, mode="CRD")


RECIPES: Mapping[type[Module], Recipe] = {
    nn.Conv2d: conv2d,
    nn.ConvTranspose2d: conv_transpose2d,
    nn.MaxPool2d: pool("MaxPool"),
    nn.AvgPool2d: pool("AveragePool"),
    nn.AdaptiveAvgPool2d: average_all,
    nn.Flatten: flatten,
    nn.Linear: linear,
    nn.Identity: plain("Identity"),
    nn.PixelShuffle: shuffled,
    nn.ReLU: plain("Relu"),
    nn.ReLU6: clipped,
    nn.Hardtanh: clipped,
    nn.LeakyReLU: plain("LeakyRelu", alpha="negative_slope"),
    nn.ELU: plain("Elu", alpha="alpha"),
    nn.CELU: plain("Celu", alpha="alpha"),
    nn.SELU: plain("Selu"),
    nn.Sigmoid: plain("Sigmoid"),
    nn.Tanh: plain("Tanh"),
    nn.Softsign: plain("Softsign"),
    nn.Hardswish: plain("HardSwish"),
    nn.Mish: plain("Mish"),
    nn.Softmax: softmax("Softmax"),
    nn.Softmax2d: softmax("Softmax"),
    nn.LogSoftmax: softmax("LogSoftmax"),
}
