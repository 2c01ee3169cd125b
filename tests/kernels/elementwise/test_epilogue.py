"""What follows a sum or an element, in one kernel with it: the same numbers, and as few steps as can be."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from against_meaning import MACHINES, TOLERANCE, check, examples, machines, value
from fused import graph_of, residual_block, transposed
from knoll.graph import Graph, Op, Value
from knoll.machine import Machine
from knoll.ops.activation.piecewise import hardtanh, leaky_relu
from knoll.ops.activation.prelu import prelu
from knoll.ops.activation.relu_sigmoid_tanh import relu, sigmoid, tanh
from knoll.ops.activation.self_gated import gelu, silu
from knoll.ops.activation.softplus import softplus
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import absolute, add, multiply, negative, square, subtract
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.pooling.max_pool import max_pool2d

LOOSELY = {name: 10 * each for name, each in TOLERANCE.items()}
POOL = {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil": False}

WHERE, TYPES = st.sampled_from(MACHINES), st.sampled_from(["float32", "float64"])


@dataclass(frozen=True)
class Step:
    """An operation, what it reads besides the value before it, and its attributes."""

    op: Op
    other: str = ""
    attributes: tuple[tuple[str, float], ...] = ()


ACTIVATIONS = [
    *map(Step, (relu, sigmoid, tanh, absolute, negative, square, silu, gelu)),
    Step(leaky_relu, attributes=(("negative_slope", 0.2),)),
    Step(hardtanh, attributes=(("low", -1.0), ("high", 2.0))),
    Step(softplus, attributes=(("beta", 1.5), ("threshold", 20.0))),
    Step(prelu, "slope"),
    Step(prelu, "slopes"),
]
OPERANDS = ["image", "image first", "channels", "channels first", "one", "itself"]
STEPS = st.lists(
    st.one_of(
        st.sampled_from(ACTIVATIONS),
        st.builds(Step, st.sampled_from([add, subtract, multiply]), st.sampled_from(OPERANDS)),
    ),
    min_size=1,
    max_size=4,
)


def followed(y: Value, steps: list[Step], inputs: list[Value]) -> Value:
    """Operations behind y; what else they read is added to the inputs."""
    for step in steps:
        c, rank = y.spec.shape[1] if y.spec.rank > 1 else 1, y.spec.rank
        shapes = {"image": y.spec.shape, "channels": (c, *(1,) * (rank - 2)), "one": (), "slopes": (c,), "slope": (1,)}
        word = step.other.split(" ")[0]
        others = [value(y.spec.dtype.name, *shapes[word])] if word in shapes else [y] * (word == "itself")
        inputs += others if word in shapes else []
        operands = [*others, y] if step.other.endswith("first") else [y, *others]
        y = step.op(*operands, **dict(step.attributes))
    return y


def convolved(inputs: list[Value], k: int, kernel: int, groups: int = 1, bias: bool = True) -> Value:
    """A convolution of the first input that keeps its rows and columns; its parameters are added to the inputs."""
    x = inputs[0]
    inputs.append(value(x.spec.dtype.name, k, x.spec.shape[1] // groups, kernel, kernel))
    inputs += [value(x.spec.dtype.name, k)] * bias
    around = kernel // 2, (kernel - 1) // 2
    return conv2d(*inputs[:3], stride=(1, 1), padding=(around, around), dilation=(1, 1), groups=groups)


# (inputs, outputs, groups, window): direct, Winograd's way, depthwise, groups that fill vectors or cut through them
CONVOLUTIONS = [
    (3, 17, 1, 3),
    (5, 8, 1, 1),
    (18, 33, 1, 3),
    (16, 32, 1, 5),
    (19, 19, 19, 3),
    (64, 32, 2, 3),
    (6, 9, 3, 2),
]


@examples(10)
@given(WHERE, TYPES, st.sampled_from(CONVOLUTIONS), STEPS, st.booleans(), st.booleans(), st.sampled_from([1, 3]))
def test_behind_a_convolution(
    machine: Machine, dtype: str, sizes: tuple[int, int, int, int], steps: list[Step], bias: bool, pools: bool, n: int
) -> None:
    c, k, groups, kernel = sizes
    inputs = [value(dtype, n, c, 9, 6)]
    y = convolved(inputs, k, kernel, groups, bias)
    y = followed(max_pool2d(y, **POOL) if pools else y, steps, inputs)
    check(graph_of(y, inputs), machine, tolerance=LOOSELY)


@examples(6)
@given(WHERE, STEPS, st.sampled_from([16, 19]), st.sampled_from([(1, 1), (2, 2), (2, 3)]))
def test_behind_the_gradient_of_a_convolution(
    machine: Machine, steps: list[Step], c: int, stride: tuple[int, int]
) -> None:
    """Two convolutions: the gradient of what stands between is taken along by the gradient of the second."""
    inputs = [value("float64", 2, 3, 7, 8)]
    y = followed(convolved(inputs, c, 3), steps, inputs)
    inputs.append(value("float64", 32, c, 3, 3))
    y = conv2d(y, inputs[-1], stride=stride, padding=((1, 1), (1, 1)), dilation=(1, 1), groups=1)
    check(graph_of(y, inputs), machine)


# (inputs, outputs, groups): Winograd's way where the stride is one, edges, groups that fill vectors or cut through them
TRANSPOSED = [(18, 33, 1), (32, 16, 1), (3, 5, 1), (16, 16, 16), (32, 64, 2), (6, 9, 3)]


@examples(8)
@given(WHERE, TYPES, STEPS, st.sampled_from(TRANSPOSED), st.sampled_from([1, 2, 3]))
def test_behind_a_transposed_convolution(
    machine: Machine, dtype: str, steps: list[Step], sizes: tuple[int, int, int], stride: int
) -> None:
    """One kernel for each remainder by the stride; each of them does what follows for its own pixels."""
    c, k, groups = sizes
    inputs = [value(dtype, 2, c, 5, 6)]
    y = followed(transposed(inputs, k, stride, groups), steps, inputs)
    check(graph_of(y, inputs), machine, tolerance=LOOSELY)


@examples(6)
@given(WHERE, TYPES, STEPS, st.sampled_from([5, 16, 17]), st.sampled_from([(2, 2, 0), (3, 2, 1), (2, 1, 0)]))
def test_behind_a_pooling(
    machine: Machine, dtype: str, steps: list[Step], c: int, window: tuple[int, int, int]
) -> None:
    inputs = [value(dtype, 2, c, 9, 6)]
    kernel, stride, padding = ((size, size) for size in window)
    y = max_pool2d(tanh(inputs[0]), kernel=kernel, stride=stride, padding=padding, dilation=(1, 1), ceil=False)
    check(graph_of(followed(y, steps, inputs), inputs), machine, tolerance=LOOSELY)


@examples(8)
@given(WHERE, TYPES, STEPS, st.integers(1, 7), st.integers(1, 40), st.integers(1, 70), st.booleans())
def test_behind_a_linear_layer(
    machine: Machine, dtype: str, steps: list[Step], n: int, features: int, outputs: int, bias: bool
) -> None:
    inputs = [value(dtype, n, features), value(dtype, outputs, features)] + [value(dtype, outputs)] * bias
    y = followed(linear(*inputs), steps, inputs)
    w = value(dtype, 5, outputs)
    check(graph_of(linear(y, w), [*inputs, w]), machine, tolerance=LOOSELY)


@examples(8)
@given(
    WHERE, TYPES, STEPS, STEPS, st.sampled_from([(2, 5, 4, 7), (1, 17, 3, 3), (1, 16, 20, 20), (3, 2500), (2, 1), (4,)])
)
def test_without_a_sum_before(
    machine: Machine, dtype: str, steps: list[Step], others: list[Step], shape: tuple[int, ...]
) -> None:
    """Two chains of elementwise operations, the second beginning with the result of the first, are added."""
    has_channels = len(shape) > 1
    steps, others = (
        [s for s in some if has_channels or not s.other.startswith("channels")] for some in (steps, others)
    )
    inputs = [value(dtype, *shape)]
    y = followed(inputs[0], steps, inputs)
    check(graph_of(add(y, followed(y, others, inputs)), inputs), machine, tolerance=LOOSELY)


# How many steps


@machines
def test_residual_block(machine: Machine) -> None:
    check(residual_block(), machine)


@machines
def test_a_gradient_that_several_inputs_share(machine: Machine) -> None:
    """It is the caller's own for a and b, and the same value twice for c and d."""
    a, b, c, d = (value("float64", 2, 9, 5, 4) for _ in range(4))
    check(Graph((a, b, c, d), (add(add(a, b), relu(add(c, d))),)), machine)


@machines
def test_a_gradient_that_is_read_with_a_halo_too(machine: Machine) -> None:
    """Groups that cut through blocks read single channels with a halo; the caller takes them without."""
    inputs = [value("float64", 1, 6, 9, 6)]
    y = convolved(inputs, 9, 2, groups=3, bias=False)
    inputs.append(value("float64", 1, 9, *y.spec.shape[2:]))
    check(graph_of(relu(relu(add(y, inputs[-1]))), inputs), machine)
