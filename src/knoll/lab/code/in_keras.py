"""Layers in Keras, whose images have their channels last and whose kernels have other axes."""

from __future__ import annotations

from collections.abc import Mapping

from knoll import nn
from knoll.lab.code.in_numpy import MODES, nn_pair
from knoll.lab.code.stage import Piece, Recipe, Sides, Slide, Stage, piece, slide_of
from knoll.messages import sentence
from knoll.nn import Module


def padded(sides: Sides, extra: str = "") -> tuple[str, ...]:
    """The line that adds a border, of images with their channels last."""
    if sides == ((0, 0), (0, 0)):
        return ()
    return (f"x = np.pad(x, ((0, 0), {sides[0]}, {sides[1]}, (0, 0)){extra})",)


def set_weights(stage: Stage, *axes: int) -> str:
    """The line that gives a layer its numbers, the axes of its weight in Keras's order."""
    weight = f"{stage.name('weight')}.transpose{axes}" if axes else f"{stage.name('weight')}.T"
    bias = f", {stage.name('bias')}" if stage.layer.bias is not None else ""
    return f"layer.set_weights([{weight}{bias}])"


def built(call: str, *after: str) -> tuple[str, ...]:
    """The lines that make a layer and call it."""
    return (f"layer = {call}", *after, "y = np.asarray(keras.ops.convert_to_numpy(layer(x)))")


def conv2d(stage: Stage) -> Piece:
    """The border is written out, so that it is the same on both sides; of a dilated one all places are computed."""
    layer, slide = stage.layer, slide_of(stage)
    is_thinned = slide.stride != (1, 1) and slide.dilation != (1, 1)
    mode = MODES[layer.padding_mode]
    words = [f"{layer.out_channels}, {slide.kernel}"]
    words += [f"strides={slide.stride}"] if slide.stride != (1, 1) and not is_thinned else []
    words += [f"dilation_rate={slide.dilation}"] if slide.dilation != (1, 1) else []
    words += [f"groups={layer.groups}"] if layer.groups != 1 else []
    words += ["use_bias=False"] if layer.bias is None else []
    made = built(f"keras.layers.Conv2D({', '.join(words)})", "layer.build(x.shape)", set_weights(stage, 2, 3, 1, 0))
    thinned = (f"y = y[:, ::{slide.stride[0]}, ::{slide.stride[1]}]",) if is_thinned else ()
    notes = [sentence("lab.keras_axes")]
    notes += [sentence("lab.keras_same")] if slide.is_padded else []
    notes += [sentence("lab.keras_dilation")] if is_thinned else []
    border = padded(slide.sides, "" if mode == "constant" else f', mode="{mode}"')
    return piece(*border, *made, *thinned, notes=notes)


def conv_transpose2d(stage: Stage) -> Piece | None:
    """Without padding, which Keras cuts off in another way."""
    layer = stage.layer
    if (
        layer.groups != 1
        or layer.output_padding != (0, 0)
        or layer.dilation != (1, 1)
        or any(s > k for s, k in zip(layer.stride, layer.kernel_size, strict=True))
    ):
        return None
    words = [f"{layer.out_channels}, {layer.kernel_size}", f"strides={layer.stride}"]
    words += ["use_bias=False"] if layer.bias is None else []
    made = built(
        f"keras.layers.Conv2DTranspose({', '.join(words)})", "layer.build(x.shape)", set_weights(stage, 2, 3, 1, 0)
    )
    (top, left), (rows, columns) = layer.padding, stage.made[2:]
    cut = (f"y = y[:, {top}:{top + rows}, {left}:{left + columns}]",) if top or left else ()
    return piece(*made, *cut, notes=(sentence("lab.keras_axes"),))


def pool(kind: str, outside: str) -> Recipe:
    """Windows of the image with a border that is written out."""

    def recipe(stage: Stage) -> Piece | None:
        layer, slide = stage.layer, slide_of(stage)
        if slide.dilation != (1, 1) or getattr(layer, "divisor_override", None):
            return None
        if kind == "Average" and _counts_otherwise(layer, slide):
            return None
        made = built(f"keras.layers.{kind}Pooling2D({slide.kernel}, strides={slide.stride})")
        notes = [sentence("lab.keras_axes"), *([sentence("lab.keras_same")] if slide.is_padded else [])]
        return piece(*padded(slide.sides, outside), *made, notes=notes)

    return recipe


def _counts_otherwise(layer: Module, slide: Slide) -> bool:
    """Whether numbers of the border do not count, where Keras counts them."""
    top, left = nn_pair(layer.padding)
    return slide.is_padded and (not layer.count_include_pad or slide.sides != ((top, top), (left, left)))


def average_all(stage: Stage) -> Piece | None:
    """The mean of each channel."""
    if stage.made[2:] != (1, 1):
        return None
    return piece(*built("keras.layers.GlobalAveragePooling2D(keepdims=True)"), notes=(sentence("lab.keras_axes"),))


def linear(stage: Stage) -> Piece | None:
    """The weight is transposed; of an image it would take the channels, which are last, and not the columns."""
    if len(stage.taken) == 4:
        return None
    words = f"{stage.layer.out_features}{', use_bias=False' if stage.layer.bias is None else ''}"
    made = built(f"keras.layers.Dense({words})", "layer.build(x.shape)", set_weights(stage))
    return piece(*made, notes=(sentence("lab.keras_dense"),))


def flatten(stage: Stage) -> Piece | None:
    """Channels go first before the numbers are laid in a row, as the weights after it expect."""
    if len(stage.made) != 2:
        return None
    first = ("x = x.transpose(0, 3, 1, 2)",) if len(stage.taken) == 4 else ()
    return piece(*first, *built("keras.layers.Flatten()"), notes=(sentence("lab.keras_flatten"),))


def activation(call: str, *names: str) -> Recipe:
    """A function of x."""

    def recipe(stage: Stage) -> Piece:
        text = call.format(*(getattr(stage.layer, name) for name in names))
        return piece(f"y = keras.ops.convert_to_numpy({text})")

    return recipe


def upsample(stage: Stage) -> Piece | None:
    """Each number becomes a rectangle."""
    (h, w), (rows, columns) = stage.taken[2:], stage.made[2:]
    if getattr(stage.layer, "mode", "nearest") != "nearest" or rows % h or columns % w:
        return None
    return piece(
        *built(f"keras.layers.UpSampling2D(({rows // h}, {columns // w}))"), notes=(sentence("lab.keras_axes"),)
    )


def border(stage: Stage) -> Piece | None:
    """Zeros around."""
    left, right, top, bottom = stage.layer.padding
    if min(left, right, top, bottom) < 0:
        return None
    return piece(
        *built(f"keras.layers.ZeroPadding2D((({top}, {bottom}), ({left}, {right})))"),
        notes=(sentence("lab.keras_axes"),),
    )


def batch_norm(stage: Stage) -> Piece | None:
    """Keras's momentum is one minus PyTorch's."""
    layer = stage.layer
    if not layer.training or len(stage.taken) != 4 or layer.momentum is None:
        return None
    call = f"keras.layers.BatchNormalization(momentum={round(1 - layer.momentum, 6)}, epsilon={layer.eps})"
    made = (f"layer = {call}", "y = np.asarray(keras.ops.convert_to_numpy(layer(x, training=True)))")
    return piece(*made, notes=(sentence("lab.keras_axes"), sentence("lab.keras_momentum")))


RECIPES: Mapping[type[Module], Recipe] = {
    nn.Conv2d: conv2d,
    nn.ConvTranspose2d: conv_transpose2d,
    nn.MaxPool2d: pool("Max", ", constant_values=-np.inf"),
    nn.AvgPool2d: pool("Average", ""),
    nn.AdaptiveAvgPool2d: average_all,
    nn.Linear: linear,
    nn.Flatten: flatten,
    nn.Upsample: upsample,
    nn.UpsamplingNearest2d: upsample,
    nn.ZeroPad2d: border,
    nn.BatchNorm2d: batch_norm,
    nn.Identity: activation("x"),
    nn.ReLU: activation("keras.activations.relu(x)"),
    nn.ReLU6: activation("keras.activations.relu6(x)"),
    nn.LeakyReLU: activation("keras.activations.leaky_relu(x, negative_slope={})", "negative_slope"),
    nn.ELU: activation("keras.activations.elu(x, alpha={})", "alpha"),
    nn.SELU: activation("keras.activations.selu(x)"),
    nn.SiLU: activation("keras.activations.silu(x)"),
    nn.Mish: activation("keras.activations.mish(x)"),
    nn.Sigmoid: activation("keras.activations.sigmoid(x)"),
    nn.Tanh: activation("keras.activations.tanh(x)"),
    nn.Softsign: activation("keras.activations.softsign(x)"),
    nn.Hardswish: activation("keras.activations.hard_silu(x)"),
    nn.Hardsigmoid: activation("keras.activations.hard_sigmoid(x)"),
}
