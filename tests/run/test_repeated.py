"""Repeated inference gives what a first call gives, whatever happened in between, and keeps nothing alive."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from weakref import ref

import numpy as np
import pytest

import knoll
from knoll import Tensor, nn
from knoll.nn.memoised import calls_of
from knoll.run import program_cache
from knoll.run.budget import growth
from knoll.run.compiled import CompiledProgram
from knoll.run.threads import get_num_threads, pool, set_num_threads
from repeated_calls import noted_calls


@pytest.fixture
def repeated(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each call that was tried again gave a result."""
    return noted_calls(monkeypatch)


def network(seed: int = 0) -> nn.Module:
    knoll.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 4)).eval()


X = knoll.randn(2, 3, 8, 8)


def truth(net: nn.Module, x: Tensor = X) -> Any:
    """What a program gives that was compiled for this call."""
    return knoll.compile(net, x)(x.numpy())


def called(net: nn.Module, x: Tensor = X) -> Any:
    with knoll.no_grad():
        return net(x).numpy()


def programs(net: nn.Module) -> list[CompiledProgram]:
    known = [call.known[0].repeated for call in calls_of[id(net)].outermost.values()]
    return [program for each in known if each is not None and (program := each._program()) is not None]


def test_the_third_call_is_repeated(repeated: list[bool]) -> None:
    net, other = network(), knoll.randn(2, 3, 8, 8)
    expected = truth(net), truth(net, other)
    for _ in range(4):
        np.testing.assert_array_equal(called(net), expected[0])
        np.testing.assert_array_equal(called(net, other), expected[1])
    assert repeated == [True] * 6


def test_networks_that_share_a_program_keep_their_parameters() -> None:
    nets = [network(seed) for seed in range(3)]
    truths = [truth(net) for net in nets]
    for times in (1, 3, 1, 2):
        for net, expected in zip(nets, truths, strict=True):
            for _ in range(times):
                np.testing.assert_array_equal(called(net), expected)
    assert len({*map(id, (programs(net)[0] for net in nets))}) == 1


def _other_batch(net: nn.Module) -> None:
    called(net, knoll.randn(5, 3, 8, 8))


def _training(net: nn.Module) -> None:
    net.train()
    net(X).sum().backward()
    net.eval()


def _weights(net: nn.Module) -> None:
    with knoll.no_grad():
        for parameter in net.parameters():
            parameter.mul_(1.5)


def _seen_from_outside(net: nn.Module) -> None:
    for parameter in net.parameters():
        parameter.detach().numpy()[...] *= 0.5


def _memory(net: nn.Module) -> None:
    for program in programs(net):
        program.drop()


def _all_but_the_code(_: nn.Module) -> None:
    program_cache._programs._entries.clear()


def _threads(_: nn.Module) -> None:
    set_num_threads(3 - min(get_num_threads(), 2))


BETWEEN = {
    "nothing": lambda _: None,
    "another batch size": _other_batch,
    "a training step": _training,
    "other weights": _weights,
    "weights changed unseen": _seen_from_outside,
    "memory dropped": _memory,
    "programs dropped": _all_but_the_code,
    "other threads": _threads,
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
def test_whatever_happens_in_between(between: Callable[[nn.Module], None]) -> None:
    net, threads = network(), get_num_threads()
    try:
        for _ in range(4):
            expected = truth(net)
            for _ in range(4):
                np.testing.assert_array_equal(called(net), expected)
            between(net)
    finally:
        set_num_threads(threads)


INPUTS = {
    "columns": lambda: knoll.tensor(np.asfortranarray(X.numpy())),
    "a view": lambda: knoll.randn(2, 3, 8, 16)[..., ::2],
    "part of a larger one": lambda: knoll.randn(4, 3, 8, 8)[1:3],
    "one that wants a gradient": lambda: X.detach().clone().requires_grad_(),
    "doubles": lambda: X.double(),
}


@pytest.mark.parametrize("make", INPUTS.values(), ids=INPUTS)
def test_inputs_that_lie_otherwise(make: Callable[[], Tensor]) -> None:
    x = make()
    net = network().to(x.dtype)
    expected = truth(net, x.detach())
    for _ in range(4):
        called(net, X.to(x.dtype))
        np.testing.assert_array_equal(called(net, x), expected)


@pytest.mark.parametrize("samples", [0, 2])
def test_results_for_no_samples_have_none(samples: int) -> None:
    net, x = network(), knoll.ones(samples, 3, 8, 8)
    for _ in range(5):
        np.testing.assert_array_equal(called(net, x), truth(net, x))


@pytest.mark.parametrize(
    "net", [nn.ReLU(), nn.Sigmoid(), nn.PReLU(), nn.Dropout(), nn.Sequential(nn.Tanh(), nn.SiLU())]
)
def test_a_number_without_axes(net: nn.Module, repeated: list[bool]) -> None:
    for number in (-1.5, 0.5, -1.5, 2.0, -1.5):
        result = called(net.eval(), knoll.tensor(number))
        np.testing.assert_allclose(result, called(net, knoll.tensor([number]))[0], rtol=1e-6)
        assert result.shape == ()
    assert True not in repeated


class Summed(nn.Module):
    """A layer whose results are summed over the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(30, 40)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x).sum(0)


def test_a_sum_over_no_samples_is_zero() -> None:
    net = Summed().eval()
    for samples in (0, 0, 0, 0, 3, 3, 3, 0, 0, 0):
        result = called(net, knoll.ones(samples, 30))
        np.testing.assert_allclose(result, samples * called(net, knoll.ones(1, 30)), rtol=1e-5, atol=1e-5)


def test_results_are_arrays_of_their_own() -> None:
    net = network()
    with knoll.no_grad():
        results = [net(X) for _ in range(5)]
    for number, result in enumerate(results):
        assert not any(np.may_share_memory(result.numpy(), other.numpy()) for other in results[:number])
        result.add_(1)
    np.testing.assert_array_equal(called(net), truth(net))


def test_numbers_that_are_places_in_memory_are_checked_each_time(repeated: list[bool]) -> None:
    net = nn.Embedding(1000, 64).eval()
    good, bad = knoll.tensor([[1, 2], [3, 999]]), knoll.tensor([[1, 2], [3, 1000]])
    for _ in range(4):
        called(net, good)
        with pytest.raises(IndexError, match="index out of range in self"):
            called(net, bad)
    assert not repeated


def test_threads_that_call_at_once() -> None:
    net, images = network(), [knoll.randn(2, 3, 8, 8) for _ in range(4)]
    truths = [truth(net, image) for image in images]

    def calls(number: int) -> bool:
        return all(np.array_equal(called(net, images[number]), truths[number]) for _ in range(100))

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(calls, range(4)))


def test_nothing_is_kept_alive() -> None:
    net = network()
    for _ in range(3):
        called(net)
    (program,) = programs(net)
    spaces = [ref(space) for space in program._spaces._spare]
    packed = [ref(each) for each in program._packed_parameters._kept]
    assert spaces
    assert packed
    program.drop()
    gc.collect()
    assert [each() for each in (*spaces, *packed)] == [None] * (len(spaces) + len(packed))
    alone = ref(program)
    del program
    program_cache._programs._entries.clear()
    gc.collect()
    assert alone() is None
    np.testing.assert_array_equal(called(net), truth(net))


def test_a_call_runs_alone_while_another_has_the_workers(repeated: list[bool]) -> None:
    net, x, threads = network(), knoll.randn(64, 3, 8, 8), get_num_threads()
    set_num_threads(2)
    try:
        expected = truth(net, x)
        for _ in range(3):
            called(net, x)
        assert repeated.pop()
        with ThreadPoolExecutor(1) as other:
            other.submit(pool().lock.acquire).result()
            try:
                np.testing.assert_array_equal(called(net, x), expected)
            finally:
                other.submit(pool().lock.release).result()
        assert not repeated.pop()
    finally:
        set_num_threads(threads)


def test_what_is_kept_is_counted_when_it_has_grown(repeated: list[bool]) -> None:
    net = network()
    for _ in range(3):
        called(net)
    growth.seen = True
    called(net)
    called(net)
    assert not growth.seen
    assert repeated == [True, False, True]
