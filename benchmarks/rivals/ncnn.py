"""ncnn: a network for one image, called for each image of a batch.

Its two files are written here: a list of layers as text, and the arrays one after the other.
Source: https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.folded import folded
from benchmarks.layers import (
    Add,
    Array,
    BatchNorm,
    Convolution,
    Flatten,
    Function,
    Layer,
    Linear,
    MaxPool,
    MeanPool,
    Relu,
    Tanh,
    Transposed,
    Unpool,
    pair,
)
from benchmarks.network import IMAGE, Network, Task
from benchmarks.rivals.rival import Call, Rival
from knoll.errors import UnsupportedError
from knoll.messages import say

MAGIC = "7767517"
RAW = np.zeros(1, np.uint32).tobytes()  # marks an array that is plain float32


def layer_list(network: Network) -> str:
    """The file of layers: kind, name, how many inputs and outputs, their names, numbered settings."""
    lines, blobs = ["Input x 0 1 x"], 1
    waiting = {source: _copies(network, source) for source in (IMAGE, *range(len(network.layers)))}
    if len(waiting[IMAGE]) > 1:
        lines.append(_split(IMAGE, "x", waiting[IMAGE]))
        blobs += len(waiting[IMAGE])
    for place, (layer, reads) in enumerate(zip(network.layers, network.reads, strict=True)):
        kind, settings = _line(layer)
        names = [waiting[source].pop() for source in reads]
        result = "y" if layer is network.layers[-1] else str(place)
        lines.append(f"{kind} {kind}{place} {len(names)} 1 {' '.join(names)} {result} {settings}".rstrip())
        blobs += 1
        copies = waiting[place]
        if len(copies) > 1:  # every blob has one reader
            lines.append(_split(place, result, copies))
            blobs += len(copies)
    return "\n".join([MAGIC, f"{len(lines)} {blobs}", *lines, ""])


def _split(place: int, result: str, copies: list[str]) -> str:
    return f"Split Split{place} 1 {len(copies)} {result} {' '.join(copies)}"


def _copies(network: Network, source: int) -> list[str]:
    """The names under which a result is read, one for each reader."""
    name = "x" if source == IMAGE else str(source)
    readers = sum(read.count(source) for read in network.reads)
    return [name] if readers < 2 else [f"{name}_{number}" for number in range(readers)]


def _line(layer: Layer) -> tuple[str, str]:
    match layer:
        case Convolution(weight, bias, padding, stride, groups, dilation):
            kind, shared = ("Convolution", "") if groups == 1 else ("ConvolutionDepthWise", f" 7={groups}")
            k, _, rows, columns = weight.shape
            (above, left), (down, right), (rate, along) = pair(padding), pair(stride), pair(dilation)
            slide = f"1={columns} 11={rows} 2={along} 12={rate} 3={right} 13={down} 4={left} 14={above}"
            return kind, f"0={k} {slide} 5={int(bias is not None)} 6={weight.size}{shared}"
        case Transposed() | Function() | Unpool():
            raise UnsupportedError(say("bench.no_layer", name=type(layer).__name__))
        case BatchNorm(scale, epsilon=epsilon):
            return "BatchNorm", f"0={len(scale)} 1={epsilon:e}"
        case Relu(None):
            return "ReLU", ""
        case Relu(most):
            return "Clip", f"0=0.0 1={most:f}"
        case Tanh():
            return "TanH", ""
        case MaxPool(size, stride, padding):
            return "Pooling", f"0=0 1={size} 2={stride or size}{f' 3={padding}' if padding else ''} 5=1"
        case MeanPool(None):
            return "Pooling", "0=1 4=1"
        case MeanPool(size):
            return "Pooling", f"0=1 1={size} 2={size} 5=1"
        case Add():
            return "BinaryOp", "0=0"
        case Flatten():
            return "Flatten", ""
        case Linear(weight):
            return "InnerProduct", f"0={weight.shape[0]} 1=1 2={weight.size}"


def weights(network: Network) -> bytes:
    """The file of arrays: a mark before each weight, none before a bias or the arrays of a batch norm."""
    parts: list[bytes] = []
    for layer in network.layers:
        if isinstance(layer, BatchNorm):
            parts += [a.tobytes() for a in (layer.scale, layer.mean, layer.variance, layer.shift)]
        else:
            parts += [(RAW if a.ndim > 1 else b"") + a.tobytes() for a in layer.state().values()]
    return b"".join(parts)


def infer(task: Task) -> Call:
    """An extractor for each image, all threads on one image."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = task.threads
    net.opt.use_fp16_storage = net.opt.use_fp16_packed = False  # float32 as everywhere, and no slower
    with TemporaryDirectory() as folder:
        layers, arrays = Path(folder, "layers"), Path(folder, "arrays")
        network = folded(task.network)
        layers.write_text(layer_list(network))
        arrays.write_bytes(weights(network))
        net.load_param(str(layers))
        net.load_model(str(arrays))
    images = [ncnn.Mat(image) for image in task.x]

    def one(image: ncnn.Mat) -> Array:
        extractor = net.create_extractor()
        extractor.input("x", image)
        return np.asarray(extractor.extract("y")[1])

    return lambda: np.stack([one(image) for image in images]) if len(images) > 1 else one(images[0])[None]


RIVALS = (Rival("ncnn", ("ncnn",), infer),)
