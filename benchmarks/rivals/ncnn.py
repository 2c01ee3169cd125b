"""ncnn: a network for one image, called for each image of a batch.

Its two files are written here: a list of layers as text, and the arrays one after the other.
Source: https://github.com/Tencent/ncnn/wiki/param-and-model-file-structure
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.network import Array, Convolution, Flatten, Layer, Linear, MaxPool, Network, Task
from benchmarks.rivals.rival import Call, Rival

MAGIC = "7767517"
RAW = np.zeros(1, np.uint32).tobytes()  # marks an array that is plain float32


def layer_list(network: Network) -> str:
    """The file of layers: kind, name, how many inputs and outputs, their names, numbered settings."""
    lines = ["Input x 0 1 x"]
    for place, layer in enumerate(network.layers):
        kind, settings = _line(layer)
        source, result = str(place - 1) if place else "x", "y" if layer is network.layers[-1] else str(place)
        lines.append(f"{kind} {kind}{place} 1 1 {source} {result} {settings}".rstrip())
    return "\n".join([MAGIC, f"{len(lines)} {len(lines)}", *lines, ""])


def _line(layer: Layer) -> tuple[str, str]:
    match layer:
        case Convolution(weight, _, padding):
            return (
                "Convolution",
                f"0={weight.shape[0]} 1={weight.shape[3]} 4={padding} 5=1 6={weight.size} 11={weight.shape[2]}",
            )
        case MaxPool(size):
            return "Pooling", f"0=0 1={size} 2={size} 5=1"
        case Flatten():
            return "Flatten", ""
        case Linear(weight):
            return "InnerProduct", f"0={weight.shape[0]} 1=1 2={weight.size}"


def weights(network: Network) -> bytes:
    """The file of arrays: a mark before each weight, none before a bias."""
    return b"".join((RAW if a.ndim > 1 else b"") + a.tobytes() for a in network.arrays())


def infer(task: Task) -> Call:
    """An extractor for each image, all threads on one image."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = task.threads
    net.opt.use_fp16_storage = net.opt.use_fp16_packed = False  # float32 as everywhere, and no slower
    with TemporaryDirectory() as folder:
        layers, arrays = Path(folder, "layers"), Path(folder, "arrays")
        layers.write_text(layer_list(task.network))
        arrays.write_bytes(weights(task.network))
        net.load_param(str(layers))
        net.load_model(str(arrays))
    images = [ncnn.Mat(image) for image in task.x]

    def one(image: ncnn.Mat) -> Array:
        extractor = net.create_extractor()
        extractor.input("x", image)
        return np.asarray(extractor.extract("y")[1])

    return lambda: np.stack([one(image) for image in images]) if len(images) > 1 else one(images[0])[None]


RIVALS = (Rival("ncnn", ("ncnn",), infer),)
