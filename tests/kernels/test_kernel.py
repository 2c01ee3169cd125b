"""What every kernel has: a specification with all that its code depends on, and a name made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from knoll.kernels.elementwise.convert import Convert
from knoll.kernels.elementwise.pointwise import Pointwise
from knoll.kernels.elementwise.term import Term
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.normalisation.average import RunningAverage
from knoll.kernels.normalisation.batch_norm import NormaliseGradient, NormaliseSums
from knoll.kernels.normalisation.statistics import ChannelStatistics, CombineStatistics
from knoll.kernels.reduction.sums import ChannelSums, CombineGroups
from knoll.llvm.builder import KernelBuilder
from knoll.machine import NAMED, host
from knoll.ops.activation.relu_sigmoid_tanh import tanh
from knoll.ops.elementwise.arithmetic import exp
from knoll.run.code_cache import code_of
from single_kernel import run

IMAGES = Images(3, 4, 5)
HALO = ((1, 1), (1, 1))


@dataclass(frozen=True)
class Doubled(Kernel):
    """Each of some vectors, doubled."""

    vectors: int

    @property
    def title(self) -> str:
        return "doubled"

    @property
    def pointers(self) -> int:
        return 1

    def emit(self, k: KernelBuilder) -> None:
        (x,) = k.pointers
        with k.loop(0, self.vectors) as i:
            place = x + i * (k.lanes * k.bytes)
            k.store(k.load(place) * k.constant(2.0), place)


def test_equal_fields_make_equal_kernels() -> None:
    one, two = (Convert(host(), "float32", 7, "int64") for _ in range(2))
    assert one == two
    assert (hash(one), one.specification, one.name) == (hash(two), two.specification, two.name)


@pytest.mark.parametrize("changed", [{"elements": 8}, {"given": "int32"}, {"element": "float64"}])
def test_every_field_changes_the_name(changed: dict[str, str]) -> None:
    kernel = Convert(host(), "float32", 7, "int64")
    other = replace(kernel, **changed)
    assert other.specification != kernel.specification
    assert other.name != kernel.name


def test_operations_are_part_of_the_specification() -> None:
    kernels = [
        Pointwise(host(), "float32", (Term(op, (0,), attributes),), (IMAGES,), IMAGES)
        for op, attributes in ((exp, ()), (tanh, ()), (tanh, (("a", 1.0),)))
    ]
    assert len({kernel.specification for kernel in kernels}) == 3


def test_machines_have_code_of_their_own() -> None:
    names = {Convert(machine, "float32", 7, "int64").name for machine in NAMED.values()}
    assert len(names) == len(NAMED)


@pytest.mark.parametrize(
    "kernel",
    [
        lambda c: CombineGroups(host(), "float32", c),
        lambda c: ChannelSums(host(), "float32", Images(c, 5, 7, 16)),
        lambda c: RunningAverage(host(), "float64", c),
        lambda c: ChannelStatistics(host(), "float32", Images(c, 5, 7, 16)),
        lambda c: CombineStatistics(host(), "float32", c, 35 * c),
        lambda c: NormaliseSums(host(), "float32", Images(c, 5, 7, 16, HALO), Images(c, 5, 7, 16), 1e-5),
        lambda c: NormaliseGradient(
            host(), "float32", Images(c, 5, 7, 16, HALO), Images(c, 5, 7, 16), Images(c, 5, 7, 16), 1e-5, scaled=True
        ),
    ],
)
def test_numbers_of_channels_share_machine_code(kernel: Callable[[int], Kernel]) -> None:
    """Every other field tells them apart: what a kernel has as numbers is in none of its instructions."""
    few, many = kernel(64), kernel(480)
    assert (few.specification, few.name) == (many.specification, many.name)
    assert few.written().text() == many.written().text()
    assert few.numbers != many.numbers
    assert few.title != many.title
    assert code_of(few) is code_of(many)
    other = replace(few, element="float64" if few.element == "float32" else "float32")
    assert other.specification != few.specification


def test_a_kernel_is_its_fields_and_what_it_writes() -> None:
    kernel = Doubled(host(), "float64", 2)
    x = np.arange(2.0 * kernel.lanes)
    run(kernel, x)
    assert x.tolist() == [2 * i for i in range(2 * kernel.lanes)]
    assert (kernel.parts, kernel.work, kernel.dtype) == (1, 0, np.float64)
    assert f"define void @{kernel.name}(" in kernel.written().text()
