"""SummaryWriter: curves, pictures, histograms, texts and a graph for TensorBoard, written by a program of one's own."""

from __future__ import annotations

import datetime
import io
import itertools
import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from knoll.analysis import trace
from knoll.atomic import replacing
from knoll.draw import Scene, above, feature_maps
from knoll.errors import ArgumentError, ArgumentTypeError, FileError, ShapeError, system_reason
from knoll.messages import say
from knoll.nn import Module
from knoll.pillow import Image
from knoll.tensor import Tensor, from_numpy
from knoll.tensor.arguments import integer
from knoll.train.events.embedding import CONFIGURATION, write_embedding
from knoll.train.events.file import EventFile
from knoll.train.events.image_grid import grid, pictures
from knoll.train.events.protos import figure_to_image, hparams, pr_curve, text
from knoll.train.run_folder import RUNS
from knoll.views.features import input_picture
from knoll.vision.pixels import scaled

_ABOVE = 1.1 ** np.arange(774) * 1e-12  # bounds of TensorFlow's bins, up to 1e20
_BINS = np.concatenate([-_ABOVE[::-1], [0.0], _ABOVE])


class SummaryWriter:
    """Writes events into a folder, as `torch.utils.tensorboard.SummaryWriter`; `tensorboard --logdir` shows them.

    Every writer begins its folder anew: TensorBoard hides what earlier ones wrote there, so that runs do not mix; with
    `purge_step` it hides what they wrote of this step and later ones. Without `log_dir` each has a folder of its own
    under `runs`, with `comment` at the end of its name. `filename_suffix` stands at the end of the file's. What is
    written reaches the file at once, whatever `max_queue` and `flush_secs` say. `global_step` is 0, and `walltime` now,
    where they are not given. Raises FileError where it cannot be written.
    Source: https://pytorch.org/docs/stable/tensorboard.html
    """

    log_dir: Path

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,  # noqa: ARG002 (PyTorch's)
        flush_secs: int = 120,  # noqa: ARG002 (PyTorch's)
        filename_suffix: str = "",
    ) -> None:
        try:
            self.log_dir = _new_folder(comment) if log_dir is None else Path(log_dir)
            self.log_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            folder = RUNS if log_dir is None else log_dir
            raise FileError.after(error, say("train.no_folder", path=folder, reason=system_reason(error))) from None
        self.filename_suffix = filename_suffix
        self._open: dict[Path, EventFile] = {}
        self._embeddings: list[str] = []
        self._first_step: int | None = purge_step or 0
        self._file()
        self._first_step = None  # a file after `close` hides nothing

    def add_scalar(
        self,
        tag: str,
        scalar_value: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        new_style: bool = False,  # noqa: ARG002 (PyTorch's)
        double_precision: bool = False,  # noqa: ARG002 (PyTorch's)
    ) -> None:
        """A point of a curve. Raises ShapeError for several numbers."""
        self._file().scalar(_tag(tag), _number(scalar_value), _step(global_step), walltime)

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, Any],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """A point of several curves that are drawn together; each has a folder of its own below that of the writer."""
        if not isinstance(tag_scalar_dict, Mapping):
            raise ArgumentTypeError(say("train.scalars"), got=type(tag_scalar_dict).__name__)
        for tag, value in tag_scalar_dict.items():
            file = self._file(f"{_tag(main_tag).replace('/', '_')}_{tag}")
            file.scalar(main_tag, _number(value), _step(global_step), walltime)

    def add_histogram(
        self,
        tag: str,
        values: Any,
        global_step: int | None = None,
        bins: Any = "tensorflow",
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """How often which numbers occur; `bins` are TensorFlow's, or what `numpy.histogram` takes.

        Infinite numbers and NaN are left out. Raises ArgumentError where no number is left.
        """
        numbers = _numbers(values).ravel()
        finite = numbers[np.isfinite(numbers)]
        if finite.size == 0:
            raise ArgumentError("The input has no element.", expected=say("train.finite"), got=str(numbers.size))
        chosen = _BINS if isinstance(bins, str) and bins == "tensorflow" else bins
        self._file().histogram(_tag(tag), finite, _step(global_step), chosen, max_bins, walltime)

    def add_text(
        self, tag: str, text_string: str, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """A text, in Markdown."""
        self._file().summary(text(_tag(tag), str(text_string)), _step(global_step), walltime)

    def add_image(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """One picture, its axes in the order of `dataformats`: "CHW", "HWC" or "HW".

        8-bit numbers are taken as they are, floats as 0..1; what lies outside is black or full. Raises ShapeError.
        """
        self._image(tag, img_tensor, global_step, walltime, dataformats)

    def add_images(
        self,
        tag: str,
        img_tensor: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
    ) -> None:
        """Pictures in a grid eight wide, as `add_image`. Pictures have 1, 3 or 4 channels; more raise ShapeError."""
        self._image(tag, img_tensor, global_step, walltime, dataformats)

    def add_figure(
        self,
        tag: str,
        figure: Any,
        global_step: int | None = None,
        close: bool = True,
        walltime: float | None = None,
    ) -> None:
        """A figure of Matplotlib, or several in a grid; it is closed unless `close` is false."""
        drawn = figure_to_image(figure, close)
        self._image(tag, drawn, global_step, walltime, "NCHW" if isinstance(figure, list) else "CHW")

    def add_features(
        self,
        tag: str,
        maps: Any,
        global_step: int | None = None,
        walltime: float | None = None,
        image: Any = None,
    ) -> None:
        """The channels of one feature map (c, h, w) around zero, each with its range and mean, below the `image`.

        The image (c, h, w) is what the layer was given, if that is to be seen. Raises ShapeError.
        """
        numbers = _numbers(maps)
        if numbers.ndim != 3 or 0 in numbers.shape:
            raise ShapeError(say("train.no_features"), expected="(c, h, w)", got=str(numbers.shape))
        drawn = feature_maps(numbers, title=_tag(tag))
        if image is not None:
            drawn = above(input_picture(_planes(image)), drawn)
        self._file().image(tag, _picture_of(drawn.with_margin()), _step(global_step), walltime)

    def add_graph(
        self,
        model: Module,
        input_to_model: Any,
        verbose: bool = False,  # noqa: ARG002 (PyTorch's)
        use_strict_trace: bool = True,  # noqa: ARG002 (PyTorch's)
    ) -> None:
        """The layers of a model as a batch (n, c, h, w), or a tuple of several inputs, passes them."""
        if not isinstance(model, Module):
            raise ArgumentTypeError(say("train.no_model"), got=type(model).__name__)
        given = input_to_model if isinstance(input_to_model, tuple | list) else (input_to_model,)
        inputs = [one if isinstance(one, Tensor) else from_numpy(_numbers(one)) for one in given]
        self._file().graph(trace(model, *inputs), type(model).__name__)

    def add_embedding(
        self,
        mat: Any,
        metadata: Any = None,
        label_img: Any = None,
        global_step: int | None = None,
        tag: str = "default",
        metadata_header: Any = None,
    ) -> None:
        """Points (n, dimensions) for TensorBoard's projector, with a label and a square picture (c, h, h) for each.

        With `metadata_header`, names of columns, each label is a list of so many. Raises ShapeError, FileError.
        """
        images = None if label_img is None else _numbers(label_img)
        entry = write_embedding(
            self.log_dir, _numbers(mat), metadata, metadata_header, images, _step(global_step), _tag(tag)
        )
        self._embeddings.append(entry)
        with replacing(self.log_dir / CONFIGURATION) as file:
            file.write("".join(self._embeddings).encode())

    def add_pr_curve(
        self,
        tag: str,
        labels: Any,
        predictions: Any,
        global_step: int | None = None,
        num_thresholds: int = 127,
        weights: Any = None,
        walltime: float | None = None,
    ) -> None:
        """Precision and recall of one class by the threshold, of truths and of probabilities between 0 and 1.

        `weights` say how much each sample counts; there are 127 thresholds at most. Raises ShapeError, ArgumentError.
        """
        truths, shares = (_numbers(each).ravel() for each in (labels, predictions))
        counts = None if weights is None else _numbers(weights).ravel()
        for given in (shares, truths if counts is None else counts):
            if len(given) != len(truths):
                raise ShapeError(say("train.as_many"), expected=str(len(truths)), got=str(len(given)))
        if not ((shares >= 0) & (shares <= 1)).all():
            raise ArgumentError(say("train.probabilities"), got=f"{shares.min()} … {shares.max()}")
        least = 2
        if integer(num_thresholds, "add_pr_curve", "num_thresholds") < least:
            raise ArgumentError(say("train.thresholds", least=least), got=str(num_thresholds))
        summary = pr_curve(_tag(tag), truths, shares, num_thresholds, counts)
        self._file().summary(summary, _step(global_step), walltime)

    def add_hparams(
        self,
        hparam_dict: Mapping[str, Any],
        metric_dict: Mapping[str, Any],
        hparam_domain_discrete: Mapping[str, Any] | None = None,  # noqa: ARG002 (PyTorch's)
        run_name: str | None = None,
        global_step: int | None = None,
    ) -> None:
        """Settings of a training and how well it went, in a folder of its own below that of the writer."""
        if not isinstance(hparam_dict, Mapping) or not isinstance(metric_dict, Mapping):
            raise ArgumentTypeError("hparam_dict and metric_dict should be dictionary.")
        file = self._file(run_name or str(time.time()))
        for summary in hparams(dict(hparam_dict), {name: _number(value) for name, value in metric_dict.items()}):
            file.summary(summary, 0)
        for name, value in metric_dict.items():
            file.scalar(name, _number(value), _step(global_step))

    def get_logdir(self) -> str:
        """The folder that is written into."""
        return str(self.log_dir)

    def flush(self) -> None:
        """Let readers see what has been written."""
        for file in self._open.values():
            file.flush()

    def close(self) -> None:
        """Finish the file; what is added afterwards goes to a new one."""
        while self._open:
            self._open.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _file(self, below: str = "") -> EventFile:
        """The file in the writer's folder, or in one below it."""
        folder = self.log_dir / below
        if folder not in self._open:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise FileError.after(error, say("train.no_folder", path=folder, reason=system_reason(error))) from None
            self._open[folder] = EventFile(folder, self._first_step, self.filename_suffix)
        return self._open[folder]

    def _image(self, tag: str, images: Any, step: int | None, walltime: float | None, dataformats: str) -> None:
        picture = Image.fromarray(grid(pictures(_numbers(images), dataformats)))
        self._file().image(_tag(tag), picture, _step(step), walltime)


def _new_folder(comment: str) -> Path:
    """A new folder below `runs`, for this writer alone."""
    now = datetime.datetime.now().astimezone()
    name = f"{now:%Y-%m-%d-%H%M%S}-log{comment}"
    for number in itertools.count(1):
        folder = RUNS / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise AssertionError  # the count has no end


def _numbers(given: Any) -> NDArray[Any]:
    numbers = np.asarray(given.detach() if isinstance(given, Tensor) else given)
    if numbers.dtype.kind not in "biuf":
        raise ArgumentTypeError(say("train.no_numbers"), got=type(given).__name__)
    return numbers


def _number(given: Any) -> float:
    numbers = _numbers(given)
    if numbers.size != 1:
        raise ShapeError(
            "Tensor should contain one element (0 dimensions). "
            f"Was given size: {numbers.size} and {numbers.ndim} dimensions.",
            advice=say("train.one_number"),
        )
    return float(numbers.reshape(()))


def _tag(tag: object) -> str:
    if not isinstance(tag, str):
        raise ArgumentTypeError(say("train.tag"), got=repr(tag))
    return tag


def _step(step: Any) -> int:
    try:
        return 0 if step is None else int(step)
    except (TypeError, ValueError):
        raise ArgumentTypeError(say("train.global_step"), got=repr(step)) from None


def _planes(image: Any) -> NDArray[Any]:
    """An image (c, h, w) in floats. Raises ShapeError."""
    planes = _numbers(image)
    if planes.ndim != 3 or 0 in planes.shape:
        raise ShapeError(say("train.no_features"), expected="(c, h, w)", got=str(planes.shape))
    return scaled(planes)


def _picture_of(scene: Scene) -> Image.Image:
    """A drawing as pixels."""
    return Image.open(io.BytesIO(scene.png(scale=1))).convert("RGB")
