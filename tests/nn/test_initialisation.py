from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.nn import init
from knoll.nn.init.skip import skip_init
from knoll.vision.models import get_model

SHAPE = (64, 32, 3, 3)
FAN_IN, FAN_OUT = 32 * 9, 64 * 9


@pytest.mark.parametrize(
    ("fill", "std", "bound"),
    [
        (lambda t: init.uniform_(t, -2, 2), 2 / 3**0.5, 2),
        (lambda t: init.normal_(t, 0, 3), 3, None),
        (init.xavier_uniform_, (2 / (FAN_IN + FAN_OUT)) ** 0.5, (6 / (FAN_IN + FAN_OUT)) ** 0.5),
        (lambda t: init.xavier_normal_(t, gain=2), 2 * (2 / (FAN_IN + FAN_OUT)) ** 0.5, None),
        (init.kaiming_uniform_, (2 / FAN_IN) ** 0.5, (6 / FAN_IN) ** 0.5),
        (lambda t: init.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"), (2 / FAN_OUT) ** 0.5, None),
        (lambda t: init.kaiming_uniform_(t, a=5**0.5), (1 / 3 / FAN_IN) ** 0.5, FAN_IN**-0.5),
    ],
)
def test_spread(fill: Callable[[Any], Any], std: float, bound: float | None) -> None:
    tensor = nn.Parameter(np.full(SHAPE, np.nan, np.float32))
    assert fill(tensor) is tensor
    numbers = tensor.detach().numpy()
    assert numbers.dtype == np.float32
    assert abs(numbers.mean()) < std / 20
    assert abs(numbers.std() / std - 1) < 0.05
    if bound is not None:
        assert 0.99 * bound < abs(numbers).max() <= bound * (1 + 1e-6)


@pytest.mark.parametrize("limits", [(0, 1, -2, 2), (0.5, 2, -1, 5), (0, 1, 1, 3), (1, 0.1, 0, 0.9), (0, 1, -0.2, 0.1)])
def test_truncated_normal_numbers(limits: tuple[float, ...]) -> None:
    """Mean and spread as the truncated distribution has them, by numerical integration."""
    mean, std, a, b = limits
    tensor = nn.Parameter(np.full((200, 300), np.nan, np.float32))
    assert init.trunc_normal_(tensor, mean, std, a, b) is tensor
    numbers = tensor.detach().numpy()
    assert np.float32(a) <= numbers.min()
    assert numbers.max() <= np.float32(b)
    places = np.linspace(a, b, 20001)
    density = np.exp(-0.5 * ((places - mean) / std) ** 2)
    expected = (places * density).sum() / density.sum()
    spread = np.sqrt(((places - expected) ** 2 * density).sum() / density.sum())
    assert abs(numbers.mean() - expected) < 0.02 * spread
    assert abs(numbers.std() / spread - 1) < 0.02


def test_a_distant_mean_is_warned_of(torch: Any) -> None:
    with pytest.warns(UserWarning, match="mean is more than 2 std") as theirs:
        torch.nn.init.trunc_normal_(torch.ones(3), 5, 1, -1, 2)
    with pytest.warns(UserWarning, match="mean is more than 2 std") as ours:
        init.trunc_normal_(nn.Parameter(np.ones(3)), 5, 1, -1, 2)
    assert str(ours[0].message) == str(theirs[0].message)


@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2)])
def test_identity_is_pytorchs(torch: Any, shape: tuple[int, ...]) -> None:
    expected = torch.nn.init.eye_(torch.full(shape, 7.0))
    np.testing.assert_array_equal(init.eye_(nn.Parameter(np.full(shape, 7.0))).detach().numpy(), expected.numpy())


@pytest.mark.parametrize(
    ("shape", "groups"),
    [
        ((3, 3, 3), 1),
        ((4, 2, 3, 3), 1),
        ((4, 2, 4, 5), 2),
        ((6, 4, 1, 3), 3),
        ((2, 2, 3, 3, 3), 1),
        ((2, 2, 3, 3, 3), 2),
    ],
)
def test_dirac_is_pytorchs(torch: Any, shape: tuple[int, ...], groups: int) -> None:
    expected = torch.nn.init.dirac_(torch.full(shape, 7.0), groups)
    ours = init.dirac_(nn.Parameter(np.full(shape, 7.0)), groups)
    np.testing.assert_array_equal(ours.detach().numpy(), expected.numpy())


def test_a_dirac_convolution_passes_images_on() -> None:
    layer = nn.Conv2d(3, 3, 5, padding=2, bias=False)
    init.dirac_(layer.weight)
    x = np.random.default_rng(0).standard_normal((1, 3, 8, 8)).astype(np.float32)
    np.testing.assert_allclose(layer(x).detach().numpy(), x, atol=1e-5)


@pytest.mark.parametrize("shape", [(4, 4), (3, 8), (8, 3), (4, 2, 3, 3), (20, 2, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_right_angles(shape: tuple[int, ...], dtype: str) -> None:
    tensor = nn.Parameter(np.full(shape, np.nan, dtype))
    assert init.orthogonal_(tensor, gain=2.0) is tensor
    rows = tensor.detach().numpy().reshape(shape[0], -1)
    square = rows @ rows.T if rows.shape[0] <= rows.shape[1] else rows.T @ rows
    np.testing.assert_allclose(square, 4 * np.eye(len(square)), atol=1e-5)
    again = init.orthogonal_(nn.Parameter(np.ones(shape, dtype))).detach().numpy()
    assert (again != tensor.detach().numpy()).any()


def test_right_angles_of_nothing() -> None:
    assert init.orthogonal_(nn.Parameter(np.ones((3, 0)))).shape == (3, 0)


def test_sparse_columns() -> None:
    tensor = nn.Parameter(np.full((50, 40), np.nan))
    assert init.sparse_(tensor, sparsity=0.33, std=2) is tensor
    numbers = tensor.detach().numpy()
    assert ((numbers == 0).sum(0) == 17).all()
    assert abs(numbers[numbers != 0].std() - 2) < 0.15
    assert len(np.unique(numbers == 0, axis=1).T) > 1


FILLS: list[Callable[..., Any]] = [
    init.uniform_, init.normal_, init.trunc_normal_, init.xavier_uniform_, init.xavier_normal_, init.kaiming_uniform_,
    init.kaiming_normal_, init.orthogonal_, lambda t, generator: init.sparse_(t, 0.5, generator=generator),
]  # fmt: skip


@pytest.mark.parametrize("fill", FILLS)
def test_a_generator_of_ones_own(fill: Callable[..., Any]) -> None:
    """It alone decides, and the common one does not move."""

    def filled(seed: int) -> Any:
        return fill(nn.Parameter(np.ones((4, 5))), generator=np.random.default_rng(seed)).detach().numpy()

    knoll.manual_seed(0)
    np.testing.assert_array_equal(filled(1), filled(1))
    assert (filled(1) != filled(2)).any()
    after = knoll.rand(3).tolist()
    knoll.manual_seed(0)
    assert knoll.rand(3).tolist() == after


def test_constants() -> None:
    tensor = nn.Parameter(np.full(3, np.nan))
    assert init.zeros_(tensor).detach().numpy().tolist() == [0, 0, 0]
    assert init.ones_(tensor).detach().numpy().tolist() == [1, 1, 1]
    assert init.constant_(tensor, 0.5).detach().numpy().tolist() == [0.5, 0.5, 0.5]
    assert tensor.requires_grad


def test_the_first_numbers_of_layers_reach_their_bounds() -> None:
    layer = nn.Linear(400, 300)
    for parameter in layer.parameters():
        assert 0.9 * 0.05 < abs(parameter.detach().numpy()).max() <= 0.05
        assert abs(parameter.detach().numpy().std() * 20 * 3**0.5 - 1) < 0.1


@pytest.mark.parametrize("name", ["linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d",
    "conv_transpose2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])  # fmt: skip
def test_gains_are_pytorchs(torch: Any, name: str) -> None:
    assert init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    assert init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain("leaky_relu", 0.3)


@pytest.mark.parametrize("shape", [(3, 4), (8, 3, 5, 7)])
def test_fans_are_pytorchs(torch: Any, shape: tuple[int, ...]) -> None:
    expected = torch.nn.init._calculate_fan_in_and_fan_out(torch.ones(shape))
    assert init._calculate_fan_in_and_fan_out(nn.Parameter(np.ones(shape))) == expected


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.nn.init.kaiming_uniform_(k.nn.Parameter(k.x(3))),
        lambda k: k.nn.init.xavier_normal_(k.nn.Parameter(k.x(3))),
        lambda k: k.nn.init.kaiming_normal_(k.nn.Parameter(k.x(3, 3)), mode="fan"),
        lambda k: k.nn.init.calculate_gain("softmax"),
        lambda k: k.nn.init.calculate_gain("leaky_relu", True),
        lambda k: k.nn.init.calculate_gain("leaky_relu", "much"),
        lambda k: k.nn.init.eye_(k.nn.Parameter(k.x(3))),
        lambda k: k.nn.init.dirac_(k.nn.Parameter(k.x(3, 3))),
        lambda k: k.nn.init.dirac_(k.nn.Parameter(k.x(3, 3, 3)), 2),
        lambda k: k.nn.init.orthogonal_(k.nn.Parameter(k.x(3))),
        lambda k: k.nn.init.sparse_(k.nn.Parameter(k.x(3)), 0.1),
        lambda k: k.nn.init.uniform_(k.nn.Parameter(k.x(3)), 1, 0),
        lambda k: k.nn.init.normal_(k.nn.Parameter(k.x(3)), 0, -1),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize("name", ["vgg11_bn", "resnet18", "mobilenet_v2"])
def test_nothing_is_drawn_where_the_first_numbers_are_left_out(name: str) -> None:
    knoll.manual_seed(3)
    with skip_init():
        get_model(name, num_classes=10)
        weight = knoll.zeros(4, 4)
        for function in (init.trunc_normal_, init.orthogonal_, init.xavier_uniform_, init.kaiming_normal_):
            assert function(weight) is weight
        assert not weight.any()
    drawn = knoll.rand(3)
    knoll.manual_seed(3)
    assert drawn.tolist() == knoll.rand(3).tolist()
