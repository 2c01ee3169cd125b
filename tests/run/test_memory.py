"""What is kept between calls: packed parameters once, workspaces and programs within a limit."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, OutOfMemoryError
from knoll.run import budget, packed, program_cache
from knoll.run.lru import LRU
from knoll.run.program_cache import bytes_held

WEIGHTS = 64 * 64 * 9 * 4  # bytes of the weights of a layer below


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests have left is not counted."""
    monkeypatch.setattr(program_cache, "_programs", LRU(most=1024))
    gc.collect()


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1))


def called(net: nn.Module, size: int, samples: int = 1) -> knoll.Tensor:
    with knoll.no_grad():
        return net(knoll.ones(samples, 64, size, size))


def kept_programs() -> int:
    """Bytes that programs take themselves."""
    return sum(part.size for part in program_cache._parts())


def test_weights_are_packed_once_for_all_sizes_of_images() -> None:
    net = network()
    called(net, 16)
    one = bytes_held()
    for size in (20, 36, 52):
        called(net, size)
    packed = {
        id(result): result.bytes for part in program_cache._parts() for result in part._packed_parameters.results()
    }
    alone = {id(result) for result in program_cache._parts()[0]._packed_parameters.results()}
    assert set(packed) == alone
    assert sum(packed.values()) < one


def test_two_layouts_of_one_parameter_are_two(monkeypatch: pytest.MonkeyPatch) -> None:
    net = nn.Conv2d(64, 64, 3, padding=1)
    fast = called(net, 16)
    monkeypatch.setenv("KNOLL_WINOGRAD", "off")
    direct = called(net, 17)[:, :, :, :]
    monkeypatch.delenv("KNOLL_WINOGRAD")
    results = {id(result) for part in program_cache._parts() for result in part._packed_parameters.results()}
    assert len(results) == 3  # the bias has one layout
    np.testing.assert_allclose(fast[0, :, 5, 5], direct[0, :, 5, 5], rtol=1e-4, atol=1e-5)


def test_memory_is_given_back_with_the_network() -> None:
    net = network()
    for size in (16, 24, 32):
        called(net, size)
    net(knoll.ones(2, 64, 16, 16)).sum().backward()
    assert bytes_held() - kept_programs() > 8 * WEIGHTS
    del net
    gc.collect()
    assert bytes_held() == kept_programs()


def test_memory_of_a_compiled_module_is_given_back_with_it() -> None:
    program = knoll.compile(network(), knoll.zeros(1, 64, 16, 16))
    program(np.zeros((3, 64, 16, 16), np.float32))
    gc.collect()
    assert bytes_held() > kept_programs()
    del program
    gc.collect()
    assert bytes_held() == kept_programs()


def test_networks_of_one_architecture_do_not_share_weights() -> None:
    nets = [network() for _ in range(3)]
    results = [called(net, 16).numpy() for net in nets]
    for net, result in zip(nets * 2, results * 2, strict=True):
        np.testing.assert_array_equal(called(net, 16), result)
    packed = {id(result) for part in program_cache._parts() for result in part._packed_parameters.results()}
    del nets[0], net
    gc.collect()
    left = {id(result) for part in program_cache._parts() for result in part._packed_parameters.results()}
    assert len(left) == len(packed) * 2 // 3


def test_changed_weights_are_packed_again_for_every_size() -> None:
    net = network()
    sizes = (16, 24)
    for size in sizes:
        called(net, size)
    for change in range(3):
        with knoll.no_grad():
            net[0].bias.fill_(float(change))
            net[2].weight.mul_(0.5)
        fresh = network()
        fresh.load_state_dict(net.state_dict())
        for size in sizes:
            np.testing.assert_array_equal(called(net, size), called(fresh, size))


def test_weights_that_backward_will_read_are_not_overwritten() -> None:
    net, x = network(), knoll.ones(1, 64, 16, 16, requires_grad=True)
    before = net(x)
    other = network()
    other.load_state_dict(net.state_dict())
    weight = net[0].weight
    weight.data = weight.data * 2
    called(net, 16)
    net(x)
    (dx,) = knoll.autograd.grad(before.sum(), [x])
    (expected,) = knoll.autograd.grad(other(x).sum(), [x])
    np.testing.assert_array_equal(dx, expected)


def test_a_weight_made_for_each_call_leaves_nothing_behind() -> None:
    x, w = knoll.ones(1, 64, 16, 16), knoll.ones(64, 64, 3, 3)
    once: list[int] = []
    for scale in range(6):
        y = nn.functional.conv2d(x, w * float(scale), padding=1)
        assert y[0, 0, 5, 5].item() == scale * 64 * 9
        once.append(bytes_held())
    assert len(set(once[1:])) == 1


def test_a_number_made_for_each_call_does_not_pack_everything_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Conv2d(64, 64, 3, padding=1)

        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            return self.layer(x) * knoll.tensor(2.0)

    net = Scaled()
    called(net, 16)
    part = program_cache._parts()[0]
    before = {id(result.memory[0]) for result in part._packed_parameters.results() if result.bytes > WEIGHTS}
    called(net, 16)
    assert {id(result.memory[0]) for result in part._packed_parameters.results() if result.bytes > WEIGHTS} == before


def test_garbage_may_be_collected_while_parameters_are_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [3]  # collections: other networks of this process may have thousands of results

    def id_after_collection(result: object) -> int:
        if left[0]:
            left[0] -= 1
            gc.collect()
        return id(result)

    net, x = nn.Linear(64, 64), knoll.ones(8, 64)
    gc.disable()
    try:
        cycle: list[Any] = [net(x)]  # what backward needs is freed with it
        cycle.append(cycle)
        del cycle
        with knoll.no_grad():
            net.weight += 1
        monkeypatch.setattr(packed, "id", id_after_collection, raising=False)
        y = net(x)
    finally:
        gc.enable()
    np.testing.assert_allclose(
        y.detach().numpy(), x.numpy() @ net.weight.detach().numpy().T + net.bias.detach().numpy(), rtol=1e-5
    )


def test_kept_memory_stays_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOLL_MEMORY", "4M")
    net = network()
    for size in range(16, 80, 8):
        called(net, size)
    largest = max(part.memory(set()) for part in program_cache._parts())
    called(net, 8)
    assert bytes_held() <= (4 << 20) + largest + program_cache._parts()[0].memory(set())


def test_old_programs_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_cache, "_programs", LRU(most=8))
    layer = nn.Conv2d(1, 1, 3)
    for size in range(3, 20):
        with knoll.no_grad():
            layer(knoll.ones(1, 1, size, size))
    assert len(program_cache._programs) == 8
    assert len(program_cache._parts()) == 8


def test_one_workspace_serves_smaller_batches_too() -> None:
    net = network()
    for samples in (40, *range(1, 40)):
        called(net, 8, samples)
    (part,) = program_cache._parts()
    assert len(part._spaces._spare) == 1


def test_memory_for_one_image_is_made_for_one_image() -> None:
    with knoll.no_grad():
        nn.MaxPool2d(2)(knoll.ones(1, 1, 400, 400))
    one = bytes_held() - kept_programs()
    assert one <= 2 * 16 * 400 * 400 * 4


LARGE_IMAGES: dict[str, nn.Module] = {
    "max_pool": nn.MaxPool2d(2),
    "average_pool": nn.AvgPool2d(2),
    "enlarge": nn.Upsample(scale_factor=1.5),
    "pad": nn.ReflectionPad2d(2),
    "pad_relu_pool": nn.Sequential(nn.ZeroPad2d(1), nn.ReLU(), nn.MaxPool2d(3, 2)),
}


@pytest.mark.parametrize("gradients", [False, True])
@pytest.mark.parametrize("name", LARGE_IMAGES)
def test_one_large_image_of_one_channel_does_not_take_sixteen_times_its_size(name: str, gradients: bool) -> None:
    layer, x = LARGE_IMAGES[name], knoll.rand(1, 1, 1200, 1200)
    tracemalloc.start()
    try:
        with nullcontext() if gradients else knoll.no_grad():
            y = layer(x.requires_grad_(gradients))
            if gradients:
                y.sum().backward()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * x.nbytes


@pytest.mark.parametrize("name", LARGE_IMAGES)
def test_few_channels_of_a_large_image_have_the_numbers_of_a_part_of_it(name: str) -> None:
    layer, x = LARGE_IMAGES[name], knoll.rand(1, 3, 1500, 800)
    with knoll.no_grad():
        whole, part = layer(x).numpy(), layer(x[:, :, :600, :240]).numpy()
    h, w = part.shape[2] - 8, part.shape[3] - 8
    np.testing.assert_array_equal(whole[:, :, :h, :w], part[:, :, :h, :w])


def test_batches_of_any_size_share_one_program_as_long_as_one_of_them_is_kept() -> None:
    net = network()
    for samples in (1, 2, 64, 3):
        called(net, 8, samples)
    (served,) = program_cache._parts()
    for samples in (5, 2):
        net(knoll.ones(samples, 64, 8, 8)).sum().backward()
    called(net, 8, 7)
    assert len(program_cache._parts()) == 2  # without gradient, and with
    assert program_cache._parts()[0] is served


def test_batch_sizes_of_a_compiled_module_share_memory() -> None:
    program = knoll.compile(network(), knoll.zeros(1, 64, 8, 8))
    x = np.ones((100, 64, 8, 8), np.float32)
    expected = program(x)
    for samples in range(1, 34):
        program(x[:samples])
    gc.collect()
    tracemalloc.start()
    try:
        for samples in range(34, 100):
            np.testing.assert_array_equal(program(x[:samples]), expected[:samples])
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 66 * 8192


def test_batch_sizes_that_are_not_used_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knoll.run.bound.MAX_LAUNCHES", 4)
    program = knoll.compile(nn.Conv2d(1, 2, 3), knoll.zeros(1, 1, 5, 5))
    for samples in (1, 2, 3, 4, 5, 6, 1, 2):
        assert program(np.ones((samples, 1, 5, 5), np.float32)).shape == (samples, 2, 3, 3)
    assert program._bindings is not None
    assert len(program._bindings._launches) == 4


@pytest.mark.parametrize(("named", "size"), [("", 1 << 30), ("0", 0), ("300", 300), ("2k", 2048), ("1GiB", 1 << 30)])
def test_limit(monkeypatch: pytest.MonkeyPatch, named: str, size: int) -> None:
    monkeypatch.setenv("KNOLL_MEMORY", named)
    assert budget.limit() == size


@pytest.mark.parametrize("named", ["much", "-1", "1.5G", "²", "1 G B", "10**9"])
def test_odd_limits_are_refused(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("KNOLL_MEMORY", named)
    with pytest.raises(ArgumentError, match=r"KNOLL_MEMORY(?s:.*)whole number(?s:.*)try: KNOLL_MEMORY=1G"):
        budget.limit()


LARGE: dict[str, Callable[[], Any]] = {
    "outer sum": lambda: knoll.ones(1 << 23, 1) + knoll.ones(1, 1 << 23),
    "zeros": lambda: knoll.zeros(1 << 46),
    "rand": lambda: knoll.rand(1 << 46),
    "arange": lambda: knoll.arange(1 << 46),
    "repeat": lambda: knoll.ones(1 << 10).repeat(1 << 36),
}


@pytest.mark.parametrize("name", LARGE)
def test_memory_that_is_not_there_has_an_error_of_its_own(name: str) -> None:
    with pytest.raises(OutOfMemoryError, match=r"you tried to allocate \d+ bytes(?s:.*)got:") as caught:
        LARGE[name]()
    assert caught.value.advice is None  # no batch was asked for, and no images


def test_memory_for_steps_that_is_not_there_has_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(shape: Any, dtype: Any) -> Any:
        return np.empty(1 << 60, dtype)

    monkeypatch.setattr("knoll.run.workspace.np.zeros", refuse)
    with pytest.raises(OutOfMemoryError, match="try: fewer samples in a batch or smaller images"):
        called(network(), 16)
    monkeypatch.undo()
    called(network(), 16)


def test_the_system_has_the_memory_of_a_network_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The C library keeps what is freed for the next arrays, unless it is asked to give it back."""
    given: list[bool] = []
    monkeypatch.setattr("knoll.run.workspace.give_back", lambda: given.append(True))
    monkeypatch.setattr("knoll.run.workspace.MIN_TRIMMED", 1)
    net = nn.Conv2d(3, 17, 3)
    net(knoll.zeros(2, 3, 19, 21))
    assert not given
    del net
    gc.collect()
    assert given
