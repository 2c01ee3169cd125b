"""SummaryWriter: curves, pictures and a graph for TensorBoard, written by a program of one's own."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from knoll.errors import FileError, ShapeError
from knoll.messages import say
from knoll.nn import Module
from knoll.tensor import Tensor
from knoll.train.events.file import EventFile
from knoll.train.events.pictures import feature_maps
from knoll.train.layers import layers_of
from knoll.train.run_folder import RUNS

_ACROSS = 8  # pictures in a row, as PyTorch arranges them
_COLOURS = (1, 3, 4)  # channels: grey, RGB, and RGB with transparency


class SummaryWriter:
    """Writes events into a folder, as `torch.utils.tensorboard.SummaryWriter`; `tensorboard --logdir` shows them.

    Every writer begins its folder anew: TensorBoard hides what earlier ones wrote there, so that runs do not mix.
    Without `log_dir` each has a folder of its own under `runs`. Raises FileError where it cannot be written.
    Source: https://pytorch.org/docs/stable/tensorboard.html
    """

    def __init__(self, log_dir: str | os.PathLike[str] | None = None) -> None:
        now = datetime.datetime.now().astimezone()
        self.log_dir = Path(log_dir) if log_dir is not None else RUNS / f"{now:%Y-%m-%d-%H%M%S}-log"
        try:
            self.log_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError.after(error, say("train.no_folder", path=self.log_dir, reason=error.strerror)) from None
        self._file = EventFile(self.log_dir, 0)

    def add_scalar(self, tag: str, scalar_value: Any, global_step: int = 0) -> None:
        """A point of a curve."""
        self._file.scalar(tag, float(scalar_value), global_step)

    def add_image(self, tag: str, img_tensor: Any, global_step: int = 0, dataformats: str = "CHW") -> None:
        """One picture, its axes in the order of `dataformats`: "CHW", "HWC" or "HW".

        8-bit numbers are taken as they are, floats as 0..1; what lies outside is black or full. Raises ShapeError.
        """
        self.add_images(tag, _numbers(img_tensor)[None], global_step, "N" + dataformats)

    def add_images(self, tag: str, img_tensor: Any, global_step: int = 0, dataformats: str = "NCHW") -> None:
        """Pictures in a grid eight wide, as `add_image`. Pictures have 1, 3 or 4 channels; more raise ShapeError."""
        self._file.image(tag, Image.fromarray(_grid(_pictures(_numbers(img_tensor), dataformats))), global_step)

    def add_features(self, tag: str, maps: Any, global_step: int = 0) -> None:
        """The channels of one feature map (c, h, w) side by side, blue below zero and red above, with their ranges."""
        self._file.image(tag, feature_maps(_numbers(maps), tag), global_step)

    def add_graph(self, model: Module, input_to_model: Any) -> None:
        """The layers of a model as a batch (n, c, h, w) passes them, with what each was given."""
        shape = tuple(np.shape(input_to_model)[1:])
        self._file.graph(layers_of(model, shape), type(model).__name__, shape)

    def flush(self) -> None:
        """Let readers see what has been written."""
        self._file.flush()

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _numbers(given: Any) -> NDArray[Any]:
    return np.asarray(given.detach() if isinstance(given, Tensor) else given)


def _pictures(images: NDArray[Any], dataformats: str) -> NDArray[np.uint8]:
    """Any images as (n, h, w, 3) in 8 bits; grey becomes three equal channels, transparency is left out."""
    order = dataformats.upper()
    if len(order) != images.ndim or sorted(order) not in (sorted("NCHW"), sorted("NHW")):
        raise ShapeError(
            f"size of input tensor and input format are different. tensor shape: {images.shape}, "
            f"input_format: {dataformats}"
        )
    if "C" not in order:
        order, images = order + "C", images[..., None]
    pixels = images.transpose([order.index(axis) for axis in "NHWC"])
    if pixels.shape[3] not in _COLOURS:
        raise ShapeError(
            say("train.no_colours", channels=pixels.shape[3]),
            came=f"{images.shape}, {dataformats}",
            advice=say("train.channels_last" if images.shape[-1] in _COLOURS else "train.no_colours_advice"),
        )
    pixels = np.repeat(pixels, 3, axis=3) if pixels.shape[3] == 1 else pixels[..., :3]
    return pixels if pixels.dtype == np.uint8 else np.rint(np.nan_to_num(pixels).clip(0, 1) * 255).astype(np.uint8)


def _grid(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pictures (n, h, w, 3) as one, without gaps; places that are left over are black."""
    n, height, width, _ = pictures.shape
    across = min(n, _ACROSS)
    rows = -(-n // across)
    whole = np.zeros((rows * across, height, width, 3), np.uint8)
    whole[:n] = pictures
    return whole.reshape(rows, across, height, width, 3).swapaxes(1, 2).reshape(rows * height, across * width, 3)
