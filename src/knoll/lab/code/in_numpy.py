"""Layers in NumPy: their definitions, short and slow."""

from __future__ import annotations

from collections.abc import Mapping

from knoll import nn
from knoll.graph import Shape
from knoll.lab.code.stage import Piece, Recipe, Sides, Slide, Stage, piece, slide_of
from knoll.messages import sentence
from knoll.nn import Module

MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap", "symmetric": "symmetric"}
"""What NumPy calls the modes of padding."""


def padded(sides: Sides, extra: str = "") -> tuple[str, ...]:
    """The line that adds a border."""
    return () if sides == ((0, 0), (0, 0)) else (f"x = np.pad(x, ((0, 0), (0, 0), {sides[0]}, {sides[1]}){extra})",)


def windows(slide: Slide) -> tuple[str, ...]:
    """The lines that look at each place of the window: (n, c, rows, columns, r, s)."""
    steps = ["::" if step == 1 else f"::{step}" for step in (*slide.stride, *slide.dilation)]
    taken = "" if set(steps) == {"::"} else f"[:, :, {', '.join(steps)}]".replace("::,", ":,").replace("::]", ":]")
    return (f"windows = np.lib.stride_tricks.sliding_window_view(x, {slide.spans}, axis=(2, 3)){taken}",)


def conv2d(stage: Stage) -> Piece:
    """A sum of products at each place; in groups, each kernel sees its own channels."""
    layer, slide = stage.layer, slide_of(stage)
    mode = MODES[layer.padding_mode]
    weight, bias = stage.name("weight"), stage.name("bias")
    lines = [*padded(slide.sides, "" if mode == "constant" else f', mode="{mode}"'), *windows(slide)]
    if layer.groups == 1:
        lines.append(f'y = np.einsum("nchwrs,kcrs->nkhw", windows, {weight})')
    else:
        g = layer.groups
        lines += [
            f"windows = windows.reshape(len(x), {g}, {layer.in_channels // g}, *windows.shape[2:])",
            f"kernels = {weight}.reshape({g}, {layer.out_channels // g}, *{weight}.shape[1:])",
            'y = np.einsum("ngchwrs,gkcrs->ngkhw", windows, kernels)',
            f"y = y.reshape(len(x), {layer.out_channels}, *y.shape[3:])",
        ]
    return piece(*lines, *((f"y = y + {bias}[:, None, None]",) if layer.bias is not None else ()))


def conv_transpose2d(stage: Stage) -> Piece | None:
    """Each number of the input adds its kernel to the output."""
    layer = stage.layer
    if layer.groups != 1:
        return None
    (r, s), (down, across), (dr, ds) = layer.kernel_size, layer.stride, layer.dilation
    (top, left), (h, w), (rows, columns) = layer.padding, stage.taken[2:], stage.made[2:]
    tall, wide = rows + 2 * top, columns + 2 * left
    weight, bias = stage.name("weight"), stage.name("bias")
    target = (
        f"y[:, :, {dr} * r:{dr} * r + {(h - 1) * down + 1}:{down}, {ds} * s:{ds} * s + {(w - 1) * across + 1}:{across}]"
    )
    cut = f"[:, :, {top}:{top + rows}, {left}:{left + columns}]" if top or left else ""
    added = f" + {bias}[:, None, None]" if layer.bias is not None else ""
    return piece(
        f"y = np.zeros((len(x), {layer.out_channels}, {tall}, {wide}))",
        f"for r, s in np.ndindex({r}, {s}):",
        f'    {target} += np.einsum("nchw,ck->nkhw", x, {weight}[:, :, r, s])',
        *((f"y = y{cut}{added}",) if cut or added else ()),
    )


def max_pool2d(stage: Stage) -> Piece:
    """The largest number of each window; −∞ around."""
    slide = slide_of(stage)
    return piece(*padded(slide.sides, ", constant_values=-np.inf"), *windows(slide), "y = windows.max(axis=(4, 5))")


def avg_pool2d(stage: Stage) -> Piece:
    """The sum of each window, divided by how many numbers count."""
    layer, slide = stage.layer, slide_of(stage)
    if layer.divisor_override:
        divided = f"y = windows.sum(axis=(4, 5)) / {layer.divisor_override}"
        return piece(*padded(slide.sides), *windows(slide), divided)
    if not slide.is_padded:
        return piece(*windows(slide), "y = windows.mean(axis=(4, 5))")
    counted, whole = "np.ones_like(x)", slide.sides
    if layer.count_include_pad:
        top, left = nn_pair(layer.padding)
        own: Sides = ((top, top), (left, left))
        counted = (
            f"np.pad(np.ones_like(x), ((0, 0), (0, 0), {own[0]}, {own[1]}), constant_values=1)"
            if top or left
            else counted
        )
        ends = ((0, max(whole[0][1] - top, 0)), (0, max(whole[1][1] - left, 0)))
    else:
        ends = whole
    lines = [f"counted = {counted}"]
    if ends != ((0, 0), (0, 0)):
        lines.append(f"counted = np.pad(counted, ((0, 0), (0, 0), {ends[0]}, {ends[1]}))")
    first, counts = windows(slide)[0], windows(slide)[0].replace("windows =", "counts =").replace("(x,", "(counted,")
    return piece(*lines, *padded(whole), first, counts, "y = windows.sum(axis=(4, 5)) / counts.sum(axis=(4, 5))")


def nn_pair(value: int | tuple[int, int]) -> tuple[int, int]:
    """One number for rows and columns as two."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def adaptive(reduce: str) -> Recipe:
    """Windows that begin at ⌊i·h / rows⌋ and end at ⌈(i + 1)·h / rows⌉."""

    def recipe(stage: Stage) -> Piece:
        (h, w), (rows, columns) = stage.taken[2:], stage.made[2:]
        return piece(
            f"y = np.zeros((*x.shape[:2], {rows}, {columns}), x.dtype)",
            f"for i, j in np.ndindex({rows}, {columns}):",
            f"    rows = slice(i * {h} // {rows}, -(-(i + 1) * {h} // {rows}))",
            f"    columns = slice(j * {w} // {columns}, -(-(j + 1) * {w} // {columns}))",
            f"    y[:, :, i, j] = x[:, :, rows, columns].{reduce}(axis=(2, 3))",
        )

    return recipe


def linear(stage: Stage) -> Piece:
    """A row of weights for each feature."""
    added = f" + {stage.name('bias')}" if stage.layer.bias is not None else ""
    return piece(f"y = x @ {stage.name('weight')}.T{added}")


def flatten(stage: Stage) -> Piece:
    """The numbers in reading order."""
    return piece(f"y = x.reshape({', '.join(map(str, (*stage.made,)))})")


def batch_norm(stage: Stage) -> Piece | None:
    """What training computes: the mean and the variance of the batch."""
    layer = stage.layer
    if not layer.training or len(stage.taken) not in (2, 4):
        return None
    axes = "(0, 2, 3)" if len(stage.taken) == 4 else "0"
    mean, variance = f"x.mean(axis={axes}, keepdims=True)", f"x.var(axis={axes}, keepdims=True)"
    return piece(f"y = (x - {mean}) / np.sqrt({variance} + {layer.eps})", notes=(sentence("lab.batch_norm_training"),))


def border(stage: Stage) -> Piece | None:
    """Rows and columns around; negative ones are cut off."""
    left, right, top, bottom = stage.layer.padding
    if min(left, right, top, bottom) < 0:
        return None
    name = type(stage.layer).__name__
    extra = {
        "ReflectionPad2d": ', mode="reflect"',
        "ReplicationPad2d": ', mode="edge"',
        "CircularPad2d": ', mode="wrap"',
        "ConstantPad2d": f", constant_values={getattr(stage.layer, 'value', 0.0)}",
    }.get(name, "")
    lines = padded(((top, bottom), (left, right)), extra)
    return piece(*(lines[0].replace("x =", "y =", 1),) if lines else ("y = x",))


def upsample(stage: Stage) -> Piece | None:
    """Each number becomes a rectangle."""
    (h, w), (rows, columns) = stage.taken[2:], stage.made[2:]
    if getattr(stage.layer, "mode", "nearest") != "nearest" or rows % h or columns % w:
        return None
    return piece(f"y = x.repeat({rows // h}, axis=2).repeat({columns // w}, axis=3)")


def softmax(logarithm: bool = False) -> Recipe:
    """Shares of the exponentials along an axis."""

    def recipe(stage: Stage) -> Piece | None:
        axis = getattr(stage.layer, "dim", -3)
        if axis is None:
            return None
        lines = [
            f"x = x - x.max(axis={axis}, keepdims=True)",
            f"y = np.exp(x) / np.exp(x).sum(axis={axis}, keepdims=True)",
        ]
        if logarithm:
            lines[1] = f"y = x - np.log(np.exp(x).sum(axis={axis}, keepdims=True))"
        return piece(*lines)

    return recipe


def formula(text: str, *names: str) -> Recipe:
    """A formula of x, with arguments of the layer in it."""

    def recipe(stage: Stage) -> Piece:
        return piece(f"y = {text}".format(*(getattr(stage.layer, name) for name in names)))

    return recipe


def shuffled(stage: Stage) -> Piece:
    """Channels that become rows and columns, or rows and columns that become channels."""
    layer, (n, c, h, w) = stage.layer, stage.taken
    shape = ", ".join(map(str, stage.made))
    parts: Shape
    axes: Shape
    if isinstance(layer, nn.PixelShuffle):
        f = layer.upscale_factor
        parts, axes = (n, c // f**2, f, f, h, w), (0, 1, 4, 2, 5, 3)
    elif isinstance(layer, nn.PixelUnshuffle):
        f = layer.downscale_factor
        parts, axes = (n, c, h // f, f, w // f, f), (0, 1, 3, 5, 2, 4)
    else:
        parts, axes = (n, layer.groups, c // layer.groups, h, w), (0, 2, 1, 3, 4)
    return piece(f"y = x.reshape{parts}.transpose{axes}.reshape({shape})")


RECIPES: Mapping[type[Module], Recipe] = {
    nn.Conv2d: conv2d,
    nn.ConvTranspose2d: conv_transpose2d,
    nn.MaxPool2d: max_pool2d,
    nn.AvgPool2d: avg_pool2d,
    nn.AdaptiveMaxPool2d: adaptive("max"),
    nn.AdaptiveAvgPool2d: adaptive("mean"),
    nn.Linear: linear,
    nn.Flatten: flatten,
    nn.Unflatten: flatten,
    nn.Identity: formula("x"),
    nn.BatchNorm2d: batch_norm,
    nn.BatchNorm1d: batch_norm,
    nn.ZeroPad2d: border,
    nn.ConstantPad2d: border,
    nn.ReflectionPad2d: border,
    nn.ReplicationPad2d: border,
    nn.CircularPad2d: border,
    nn.Upsample: upsample,
    nn.UpsamplingNearest2d: upsample,
    nn.PixelShuffle: shuffled,
    nn.PixelUnshuffle: shuffled,
    nn.ChannelShuffle: shuffled,
    nn.ReLU: formula("np.maximum(x, 0)"),
    nn.ReLU6: formula("np.clip(x, 0, 6)"),
    nn.LeakyReLU: formula("np.where(x > 0, x, {} * x)", "negative_slope"),
    nn.Hardtanh: formula("np.clip(x, {}, {})", "min_val", "max_val"),
    nn.Hardsigmoid: formula("np.clip(x / 6 + 0.5, 0, 1)"),
    nn.Hardswish: formula("x * np.clip(x / 6 + 0.5, 0, 1)"),
    nn.Hardshrink: formula("np.where(abs(x) > {}, x, 0)", "lambd"),
    nn.Softshrink: formula("np.sign(x) * np.maximum(abs(x) - {}, 0)", "lambd"),
    nn.Threshold: formula("np.where(x > {}, x, {})", "threshold", "value"),
    nn.ELU: formula("np.where(x > 0, x, {} * np.expm1(x))", "alpha"),
    nn.CELU: formula("np.where(x > 0, x, {0} * np.expm1(x / {0}))", "alpha"),
    nn.SELU: formula("1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))"),
    nn.SiLU: formula("x / (1 + np.exp(-x))"),
    nn.Mish: formula("x * np.tanh(np.log1p(np.exp(x)))"),
    nn.Sigmoid: formula("1 / (1 + np.exp(-x))"),
    nn.LogSigmoid: formula("-np.log1p(np.exp(-x))"),
    nn.Tanh: formula("np.tanh(x)"),
    nn.Tanhshrink: formula("x - np.tanh(x)"),
    nn.Softsign: formula("x / (1 + abs(x))"),
    nn.Softplus: formula("np.where({0} * x > {1}, x, np.log1p(np.exp({0} * x)) / {0})", "beta", "threshold"),
    nn.Softmax: softmax(),
    nn.Softmax2d: softmax(),
    nn.LogSoftmax: softmax(logarithm=True),
}
