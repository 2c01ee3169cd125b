"""The observer that writes the events of a training for TensorBoard."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.analysis import trace, written
from knoll.data import DataLoader
from knoll.graph import Shape
from knoll.graph.sizes import ceil_div
from knoll.pillow import Image
from knoll.tensor import Tensor
from knoll.train.configuration import Pictures
from knoll.train.events.file import EventFile
from knoll.train.events.pictures import feature_maps, features, photographs
from knoll.train.loop import Report, Trainer, Watcher
from knoll.train.segment import picture_of
from knoll.train.tally import Tally
from knoll.views.activations import outputs_of

_SHOWN = 16  # test images in the picture of the input
_TILES = 1024  # channels shown of all layers together; more would take longer than they could be looked at
_COLUMNS = 96  # of a channel shown; of wider ones every second, third … row and column
_BINS = 48  # of the histogram of a parameter
_COUNTED = 1 << 20  # numbers of a larger parameter, taken at equal distances
_UNSEEN = 1.0  # seconds after which readers see what has been written


class EventWatcher(Watcher):
    """Writes the events of a training: a loss each step, and curves each epoch.

    Feature maps are drawn at the beginning and each of the "epochs", at both "ends", or not at all: "none".
    """

    def __init__(self, file: EventFile, trainer: Trainer, input_shape: Shape, pictures: Pictures = "epochs") -> None:
        self.file = file
        self._drawn = pictures
        found = trace(trainer.module, input_shape)
        self._layers = found.layers
        file.graph(found, type(trainer.module).__name__)
        # With a seed, since without one it is drawn from the numbers that the training draws from, as dropout does.
        images, labels = next(iter(DataLoader(trainer.source.test, _SHOWN, seed=trainer.configuration.seed)))
        self._sample = images[:1]
        classes, truth = trainer.source.classes, labels.numpy()
        segmented = trainer.source.is_segmented
        names = [""] * len(truth) if segmented else [_printable(classes[label], label) for label in truth.tolist()]
        file.image("input", photographs(images.numpy(), names, _shape(input_shape)), trainer.step)
        self._truth = truth[0] if segmented else None
        if pictures != "none":
            self._pictures(trainer)
        file.flush()
        self._flushed = time.monotonic()

    def stepped(self, trainer: Trainer, batch: Tally) -> None:
        """The loss of the batch."""
        self.file.scalar("loss/batch", batch.mean_loss, trainer.step)
        if time.monotonic() - self._flushed > _UNSEEN:
            self.file.flush()
            self._flushed = time.monotonic()

    def finished_epoch(self, trainer: Trainer, report: Report) -> None:
        """Both losses, both accuracies, the learning rate, parameters, and how every layer sees one test image now."""
        for part, tally in (("train", report.train), ("test", report.test)):
            self.file.scalar(f"loss/{part}", tally.mean_loss, trainer.step)
            self.file.scalar(f"accuracy/{part}", tally.accuracy, trainer.step)
        if trainer.source.is_segmented:
            self.file.scalar("mean IoU/test", report.confusion.mean_iou, trainer.step)
        self.file.scalar("learning rate", trainer.optimizer.param_groups[0]["lr"], trainer.step)
        self._histograms(trainer)
        at_end = trainer.epoch == trainer.configuration.epochs
        if self._drawn == "epochs" or (self._drawn == "ends" and at_end):
            self._pictures(trainer)
        self.file.flush()

    def _histograms(self, trainer: Trainer) -> None:
        """The numbers of every parameter, and of its gradient in the last batch."""
        for name, parameter in trainer.module.named_parameters():
            self._histogram(f"weights/{name}", parameter, trainer.step)
            if parameter.grad is not None:
                self._histogram(f"gradients/{name}", parameter.grad, trainer.step)

    def _histogram(self, tag: str, tensor: Tensor, step: int) -> None:
        numbers = tensor.detach().numpy().ravel()[:: ceil_div(tensor.numel(), _COUNTED) or 1]
        finite = numbers[np.isfinite(numbers)]
        if finite.size:
            self.file.histogram(tag, finite, step, _BINS)

    def _pictures(self, trainer: Trainer) -> None:
        for layer, numbers in outputs_of(trainer.module, self._layers, self._sample):
            title = f"{layer.name}  {written(layer.module)}  {_shape(layer.output.shape[1:])}"
            picture = self._maps(numbers, title) if numbers.ndim == 3 else features(numbers, title)
            self.file.image(f"feature maps/{layer.name} {layer.kind}", picture, trainer.step)
            scores = numbers
        if self._truth is not None:
            pixels = np.rint(self._sample.numpy()[0].transpose(1, 2, 0) * 255).astype(np.uint8)
            source = trainer.source
            picture = picture_of(pixels, scores.argmax(axis=0), self._truth, source.classes, source.ignore)
            self.file.image("classes", picture, trainer.step)

    def _maps(self, maps: NDArray[Any], title: str) -> Image.Image:
        channels, _, columns = maps.shape
        shown = max(1, _TILES // len(self._layers))
        step = ceil_div(columns, _COLUMNS)
        if shown < channels:
            title += f"  0..{shown - 1}"
        return feature_maps(maps[:shown, ::step, ::step], title)


def _printable(name: str, number: int) -> str:
    """The name of a class, or its number where the font of the pictures lacks its letters."""
    return name if name.isascii() else str(number)


def _shape(shape: Shape) -> str:
    return " x ".join(map(str, shape))
