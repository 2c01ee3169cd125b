"""AlexNet, SqueezeNet and DenseNet beside the same structures in PyTorch, which are built here of its layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError
from knoll.vision.models import AlexNet, DenseNet, SqueezeNet, densenet121

IMAGES = np.random.default_rng(0).standard_normal((2, 3, 67, 80)).astype("f4")


def alexnet(torch: Any) -> Any:
    nn = torch.nn
    features = nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
    )  # fmt: skip
    classifier = nn.Sequential(
        nn.Dropout(),
        nn.Linear(9216, 4096),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, 7),
    )
    net = nn.Module()
    net.features, net.avgpool, net.classifier = features, nn.AdaptiveAvgPool2d(6), classifier
    net.forward = lambda x: classifier(net.avgpool(features(x)).flatten(1))
    return net


def fire(torch: Any, channels: int, squeezed: int, widened: int) -> Any:
    nn, block = torch.nn, torch.nn.Module()
    block.squeeze = nn.Conv2d(channels, squeezed, 1)
    block.expand1x1, block.expand3x3 = nn.Conv2d(squeezed, widened, 1), nn.Conv2d(squeezed, widened, 3, padding=1)

    def forward(x: Any) -> Any:
        x = block.squeeze(x).relu()
        return torch.cat([block.expand1x1(x).relu(), block.expand3x3(x).relu()], 1)

    block.forward = forward
    return block


def squeezenet(torch: Any, first: tuple[int, int], places: list[Any]) -> Any:
    """`places`: a tuple for each Fire module, None for each pooling."""
    nn, net = torch.nn, torch.nn.Module()
    layers = [nn.Conv2d(3, *first, stride=2), nn.ReLU()]
    layers += [fire(torch, *place) if place else nn.MaxPool2d(3, 2, ceil_mode=True) for place in places]
    net.features = nn.Sequential(*layers)
    net.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(512, 7, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
    net.forward = lambda x: net.classifier(net.features(x)).flatten(1)
    return net


OLD = [
    None, (96, 16, 64), (128, 16, 64), (128, 32, 128), None, (256, 32, 128), (256, 48, 192), (384, 48, 192),
    (384, 64, 256), None, (512, 64, 256),
]  # fmt: skip
NEW = [
    None, (64, 16, 64), (128, 16, 64), None, (128, 32, 128), (256, 32, 128), None, (256, 48, 192), (384, 48, 192),
    (384, 64, 256), (512, 64, 256),
]  # fmt: skip


def densenet(torch: Any, growth: int, blocks: tuple[int, ...], channels: int, narrow: int) -> Any:
    """A DenseNet in PyTorch's functions over a state dict, whose keys are its parameters' names."""
    state: dict[str, Any] = {}
    F = torch.nn.functional

    def norm(name: str, x: Any) -> Any:
        parts = (state[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        return F.batch_norm(x, *parts).relu()

    class Net:
        def load_state_dict(self, given: dict[str, Any]) -> None:
            state.update(given)

        def eval(self) -> Net:
            return self

        def __call__(self, x: Any) -> Any:
            x = norm("features.norm0", F.conv2d(x, state["features.conv0.weight"], None, 2, 3))
            x = F.max_pool2d(x, 3, 2, 1)
            for number, layers in enumerate(blocks, 1):
                if number > 1:
                    name = f"features.transition{number - 1}"
                    x = F.avg_pool2d(F.conv2d(norm(f"{name}.norm", x), state[f"{name}.conv.weight"]), 2)
                for layer in range(1, layers + 1):
                    name = f"features.denseblock{number}.denselayer{layer}"
                    y = F.conv2d(norm(f"{name}.norm1", x), state[f"{name}.conv1.weight"])
                    assert y.shape[1] == narrow * growth
                    y = F.conv2d(norm(f"{name}.norm2", y), state[f"{name}.conv2.weight"], padding=1)
                    assert y.shape[1] == growth
                    x = torch.cat([x, y], 1)
            assert x.shape[1] == state["features.norm5.weight"].shape[0] == state["classifier.weight"].shape[1]
            return F.linear(
                norm("features.norm5", x).mean((2, 3)), state["classifier.weight"], state["classifier.bias"]
            )

    return Net()


PAIRS = {
    "alexnet": (lambda: AlexNet(7), alexnet),
    "squeezenet 1.0": (lambda: SqueezeNet("1_0", 7), lambda torch: squeezenet(torch, (96, 7), OLD)),
    "squeezenet 1.1": (lambda: SqueezeNet("1_1", 7), lambda torch: squeezenet(torch, (64, 3), NEW)),
    "densenet": (
        lambda: DenseNet(8, (3, 2, 2, 1), 16, 2, num_classes=7),
        lambda torch: densenet(torch, 8, (3, 2, 2, 1), 16, 2),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_results_are_those_of_the_structure_in_pytorch(torch: Any, name: str) -> None:
    build, theirs = PAIRS[name]
    net, other = build().eval(), theirs(torch)
    with knoll.no_grad():
        for key, value in net.state_dict().items():
            if "norm" in key and value.ndim:  # statistics that a norm without training does not have
                value.copy_(knoll.rand(*value.shape) + 0.5)
    other.load_state_dict({key: torch.tensor(value.numpy()) for key, value in net.state_dict().items()})
    with torch.no_grad():
        expected = other.eval()(torch.tensor(IMAGES)).numpy()
    assert np.ptp(expected) > 0
    scale = np.abs(expected).max()
    np.testing.assert_allclose(net(IMAGES).detach().numpy() / scale, expected / scale, rtol=0, atol=1e-5)


def test_first_weights_are_torchvisions() -> None:
    squeeze, dense = SqueezeNet("1_0", 500), densenet121(10)
    for weight, deviation in (
        (squeeze.features[5].expand3x3.weight, (1 / (32 * 9)) ** 0.5 * 2**0.5),
        (squeeze.classifier[1].weight, 0.01),
        (dense.features.conv0.weight, (2 / (3 * 49)) ** 0.5),
    ):
        assert weight.std().item() == pytest.approx(deviation, rel=0.05)
    uniform = squeeze.features[5].expand3x3.weight
    assert uniform.abs().max().item() <= (6 / (32 * 9)) ** 0.5
    for bias in (squeeze.features[0].bias, squeeze.classifier[1].bias, dense.classifier.bias):
        assert not bias.any()
    assert dense.classifier.weight.std().item() == pytest.approx((1 / 3 / 1024) ** 0.5, rel=0.05)


def test_published_densenets_have_keys_with_dots() -> None:
    """Keys such as `denselayer1.norm.1.weight` are those of the files that torchvision published."""
    net, again = (DenseNet(4, (2, 1), 8, 2, num_classes=3) for _ in range(2))
    old = {}
    for key, value in net.state_dict().items():
        for kind in ("norm", "conv"):
            for number in "12":
                if "denselayer" in key:
                    key = key.replace(f".{kind}{number}.", f".{kind}.{number}.")
        old[key] = value
    assert "features.denseblock1.denselayer2.conv.2.weight" in old
    again.load_state_dict(old)
    for key, value in again.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), net.state_dict()[key].numpy())
    old["features.denseblock1.denselayer2.conv.3.weight"] = knoll.zeros(1)
    with pytest.raises(RuntimeError, match="Unexpected key"):
        again.load_state_dict(old)


def test_dropout_of_what_a_layer_adds() -> None:
    knoll.manual_seed(0)
    net = DenseNet(4, (2,), 8, 2, drop_rate=0.5, num_classes=3, input_shape=(3, 32, 32))
    x = knoll.randn(2, 3, 32, 32)
    assert not np.array_equal(net(x).detach().numpy(), net(x).detach().numpy())
    net.eval()
    np.testing.assert_array_equal(net(x).detach().numpy(), net(x).detach().numpy())


def test_a_layer_may_be_exchanged_for_other_classes() -> None:
    """The three changes of PyTorch's tutorial about finetuning."""
    alex, squeeze, dense = AlexNet(), SqueezeNet("1_1"), DenseNet(4, (1,), 8, 2)
    alex.classifier[6] = nn.Linear(alex.classifier[6].in_features, 2)
    squeeze.classifier[1] = nn.Conv2d(512, 2, kernel_size=(1, 1), stride=(1, 1))
    dense.classifier = nn.Linear(dense.classifier.in_features, 2)
    for net in (alex, squeeze, dense):
        assert net(knoll.zeros(1, 3, 64, 64)).shape == (1, 2)


@pytest.mark.parametrize("version", ["1_2", None, 1.0])
def test_another_version_of_squeezenet(version: Any) -> None:
    with pytest.raises(ArgumentError, match=f"Unsupported SqueezeNet version {version}: 1_0 or 1_1 expected"):
        SqueezeNet(version)


def test_images_of_which_nothing_would_be_left() -> None:
    for build, least in (
        (lambda size: AlexNet(3, input_shape=(3, size, 224)), 63),
        (lambda size: SqueezeNet("1_0", 3, input_shape=(3, size, 40)), 21),
        (lambda size: SqueezeNet("1_1", 3, input_shape=(3, size, 40)), 17),
        (lambda size: DenseNet(4, (1, 1, 1, 1), 8, num_classes=3, input_shape=(3, size, 40)), 29),
    ):
        net = build(least)
        assert net(knoll.zeros(2, *net.input_shape)).shape == (2, 3)
        with pytest.raises(ArgumentError, match="too small for this network"):
            build(least - 1)
