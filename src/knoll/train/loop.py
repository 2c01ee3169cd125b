"""The loop: a network sees all images once an epoch, and after each epoch it is tested."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knoll.data import DataLoader
from knoll.errors import StateError
from knoll.messages import say
from knoll.nn import CrossEntropyLoss, Module
from knoll.optim import SGD, Adam, AdamW, Optimizer
from knoll.optim.lr_scheduler import CosineAnnealingLR, LRScheduler
from knoll.tensor import no_grad
from knoll.train.balance import median_frequency
from knoll.train.configuration import Configuration
from knoll.train.confusion import Confusion
from knoll.train.sources import Source
from knoll.train.tally import Tally, predicted, tally
from knoll.vision.datasets import MaskedImages

_TEST_PIXELS = 256 * 32 * 32  # of the images in a batch of the test, which takes as much memory whatever their size


@dataclass(frozen=True)
class Report:
    """How an epoch went; `seconds` without the test, `confusion` in the test."""

    epoch: int
    train: Tally
    test: Tally
    confusion: Confusion
    seconds: float


class Watcher:
    """An observer of a training, called after each step and each epoch; it changes nothing."""

    def stepped(self, trainer: Trainer, batch: Tally) -> None:
        """After every step, with the tally of its batch."""

    def finished_epoch(self, trainer: Trainer, report: Report) -> None:
        """After every epoch and its test."""


class Trainer:
    """A training under way: the network, and everything that changes with it.

    `epoch` counts the epochs that are complete, `step` the batches, `tally` is that of the present epoch so far.
    """

    loader: DataLoader
    optimizer: Optimizer
    schedule: LRScheduler | None
    step: int
    epoch: int
    tally: Tally

    def __init__(self, module: Module, source: Source, configuration: Configuration) -> None:
        self.module = module
        self.source = source
        self.configuration = configuration
        self.loader = self.new_loader()
        self.optimizer = _optimizer(module, configuration)
        self.schedule = _schedule(self.optimizer, configuration)
        self.epoch = 0
        self.step = 0
        self.tally = Tally()
        self.loss: CrossEntropyLoss = _loss(source, configuration)

    def new_loader(self) -> DataLoader:
        """The batches of the training, from the first."""
        return DataLoader(self.source.train, self.configuration.batch_size, shuffle=True, seed=self.configuration.seed)

    def run(self, watchers: Sequence[Watcher] = (), stop: Callable[[], bool] = lambda: False) -> bool:
        """Train until all epochs are done (True), or until `stop()` is true after a step (False).

        Raises StateError as soon as the loss is no finite number.
        """
        while self.epoch < self.configuration.epochs:
            start = time.perf_counter()
            for images, labels in self.loader:
                batch = self._train(images, labels)
                for watcher in watchers:
                    watcher.stepped(self, batch)
                if stop():
                    return False
            report = self._finish_epoch(time.perf_counter() - start)
            for watcher in watchers:
                watcher.finished_epoch(self, report)
        return True

    def test(self, confusion: Confusion | None = None) -> Tally:
        """Loss and hits on the test images; `confusion` counts which classes were taken for which."""
        total, ignore = Tally(), self.source.ignore
        batch_size = max(1, _TEST_PIXELS // math.prod(self.source.image_shape[1:]))
        self.module.eval()
        with no_grad():
            for images, labels in DataLoader(self.source.test, batch_size, seed=self.configuration.seed):
                scores = self.module(images)
                total += tally(self.loss(scores, labels), scores, labels, ignore)
                if confusion is not None:
                    confusion.add(predicted(scores), labels.numpy(), ignore)
        self.module.train()
        return total

    @np.errstate(over="ignore", invalid="ignore")  # infinities are told as a loss that is no number
    def _train(self, images: object, labels: object) -> Tally:
        self.optimizer.zero_grad()
        scores = self.module(images)
        loss = self.loss(scores, labels)
        batch = tally(loss, scores, labels, self.source.ignore)
        if not math.isfinite(batch.loss):
            rate = self.optimizer.param_groups[0]["lr"]
            raise StateError(
                say("train.diverged", loss=batch.mean_loss, epoch=self.epoch + 1, step=self.step + 1),
                advice=say("train.diverged_advice", lr=f"{rate:g}", smaller=f"{rate / 10:g}"),
            )
        loss.backward()
        self.optimizer.step()
        self.step += 1
        self.tally += batch
        return batch

    def _finish_epoch(self, seconds: float) -> Report:
        confusion = Confusion(len(self.source.classes))
        report = Report(self.epoch + 1, self.tally, self.test(confusion), confusion, seconds)
        if self.schedule is not None:
            self.schedule.step()
        self.epoch += 1
        self.tally = Tally()
        return report


def _loss(source: Source, configuration: Configuration) -> CrossEntropyLoss:
    """The cross entropy, without the pixels that have no class; rare classes count more where that is asked for."""
    weight = None
    if configuration.balanced and isinstance(source.train, MaskedImages):
        weight = median_frequency(source.train.masks, len(source.classes), source.ignore)
    return CrossEntropyLoss(weight) if source.ignore is None else CrossEntropyLoss(weight, ignore_index=source.ignore)


def _optimizer(module: Module, configuration: Configuration) -> Optimizer:
    parameters, lr, decay = module.parameters(), configuration.lr, configuration.weight_decay
    if configuration.optimizer == "sgd":
        return SGD(parameters, lr=lr, momentum=configuration.momentum, weight_decay=decay)
    kind = Adam if configuration.optimizer == "adam" else AdamW
    return kind(parameters, lr=lr, weight_decay=decay)


def _schedule(optimizer: Optimizer, configuration: Configuration) -> LRScheduler | None:
    return CosineAnnealingLR(optimizer, configuration.epochs) if configuration.schedule == "cosine" else None
