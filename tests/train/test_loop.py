from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest

from knoll.errors import StateError
from knoll.run.threads import set_num_threads
from knoll.train import Report, Tally, Trainer, Watcher

Make = Callable[..., Trainer]


class Noting(Watcher):
    def __init__(self) -> None:
        self.batches: list[Tally] = []
        self.reports: list[Report] = []

    def stepped(self, trainer: Trainer, batch: Tally) -> None:
        self.batches.append(batch)

    def finished_epoch(self, trainer: Trainer, report: Report) -> None:
        self.reports.append(report)


def weights(trainer: Trainer) -> list[Any]:
    return [tensor.numpy().copy() for tensor in trainer.module.state_dict().values()]


def test_every_image_is_seen_once_an_epoch_and_the_short_batch_is_used(trainer: Make) -> None:
    noting, training = Noting(), trainer()
    assert training.run([noting])
    assert [batch.seen for batch in noting.batches] == [8, 8, 8, 8, 7] * 2
    assert [(report.epoch, report.train.seen, report.test.seen) for report in noting.reports] == [
        (1, 39, 12),
        (2, 39, 12),
    ]
    assert noting.reports[0].train == sum(noting.batches[:5], Tally())
    assert (training.epoch, training.step, training.tally) == (2, 10, Tally())


def test_it_learns(trainer: Make) -> None:
    noting, training = Noting(), trainer(epochs=12, lr=0.01)
    training.run([noting])
    assert noting.reports[-1].train.mean_loss < 0.3 * noting.reports[0].train.mean_loss
    assert noting.reports[-1].train.accuracy > 0.9


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_equal_seeds_end_with_equal_bits(trainer: Make, optimizer: str) -> None:
    first, second, other = (
        trainer(optimizer=optimizer),
        trainer(optimizer=optimizer),
        trainer(optimizer=optimizer, seed=1),
    )
    for training in (first, second, other):
        training.run()
    assert all(np.array_equal(a, b) for a, b in zip(weights(first), weights(second), strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(weights(first), weights(other), strict=True))


def test_threads_change_no_bit(trainer: Make) -> None:
    ends = []
    try:
        for threads in (1, 2):
            set_num_threads(threads)
            training = trainer()
            training.run()
            ends.append(weights(training))
    finally:
        set_num_threads(2)
    assert all(np.array_equal(a, b) for a, b in zip(*ends, strict=True))


def test_a_stop_comes_after_a_whole_step(trainer: Make) -> None:
    training, steps = trainer(), count(1)
    assert not training.run(stop=lambda: next(steps) == 3)
    assert (training.epoch, training.step, training.tally.seen) == (0, 3, 24)


def test_testing_changes_nothing(trainer: Make) -> None:
    training = trainer()
    before = weights(training)
    assert training.test() == training.test()
    assert training.module.training
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(training), strict=True))


def test_the_cosine_ends_at_nothing(trainer: Make) -> None:
    training = trainer(epochs=3)
    training.run()
    assert training.optimizer.param_groups[0]["lr"] == pytest.approx(0, abs=1e-12)


def test_a_loss_that_is_no_number_stops_at_once(trainer: Make) -> None:
    training = trainer(optimizer="sgd", lr=1e30, epochs=5)
    with pytest.raises(StateError) as caught:
        training.run()
    assert "diverged" in str(caught.value)
    assert "--lr 1e+29" in str(caught.value)
    assert training.epoch == 0
