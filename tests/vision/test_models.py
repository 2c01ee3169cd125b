from __future__ import annotations

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn import init
from knoll.vision.models import (
    AlexNet,
    DenseNet,
    MobileNetV1,
    MobileNetV2,
    Practice,
    SegNet,
    SqueezeNet,
    UNet,
    get_model,
    list_models,
    practice,
)
from knoll.vision.models.resnet import BasicBlock, Bottleneck, ResNet
from knoll.vision.models.vgg import VGG


def test_keys_and_shapes_of_the_practice_network() -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in practice().state_dict().items()}
    assert shapes == {
        "model1.0.weight": (32, 3, 5, 5),
        "model1.0.bias": (32,),
        "model1.2.weight": (32, 32, 5, 5),
        "model1.2.bias": (32,),
        "model1.4.weight": (64, 32, 5, 5),
        "model1.4.bias": (64,),
        "model1.7.weight": (64, 1024),
        "model1.7.bias": (64,),
        "model1.8.weight": (10, 64),
        "model1.8.bias": (10,),
    }


def test_any_number_of_classes() -> None:
    assert Practice(3)(np.zeros((4, 3, 32, 32), np.float32)).shape == (4, 3)


def test_other_sizes_of_images() -> None:
    assert practice(10, (1, 20, 47))(np.zeros((2, 1, 20, 47), np.float32)).shape == (2, 10)


@pytest.mark.parametrize("name", list_models())
def test_an_argument_that_a_network_does_not_take(name: str) -> None:
    with pytest.raises(ArgumentTypeError, match=rf"(?s)unexpected keyword argument.*{name}\(num_classes=.*try: num_cl"):
        get_model(name, classes=3)


@pytest.mark.parametrize("shape", [(3, 7, 32), (3, 32, 7), (0, 32, 32), (32, 32)])
def test_images_of_which_nothing_would_be_left(shape: tuple[int, ...]) -> None:
    with pytest.raises(ArgumentError, match=r"too small(?s:.)*8 rows"):
        practice(10, shape)


def test_names() -> None:
    assert list_models() == sorted(list_models())
    assert isinstance(get_model("practice", num_classes=3), Practice)
    with pytest.raises(ArgumentError, match=r"Unknown model practise(?s:.)*practice"):
        get_model("practise")


# What torchvision, or the paper's authors, count: https://pytorch.org/vision/stable/models.html
PARAMETERS = {
    "alexnet": 61_100_840,
    "densenet121": 7_978_856,
    "densenet161": 28_681_000,
    "densenet169": 14_149_480,
    "densenet201": 20_013_928,
    "lenet": 61_706,
    "mobilenet_v1": 4_231_976,
    "mobilenet_v1_025": 215_642,
    "mobilenet_v2": 3_504_872,
    "practice": 145_578,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "segnet_vgg11": 18_455_051,
    "segnet_vgg16": 29_449_355,
    "squeezenet1_0": 1_248_424,
    "squeezenet1_1": 1_235_496,
    "unet": 31_037_698,
    "vgg11": 132_863_336,
    "vgg11_bn": 132_868_840,
    "vgg13": 133_047_848,
    "vgg13_bn": 133_053_736,
    "vgg16": 138_357_544,
    "vgg16_bn": 138_365_992,
    "vgg19": 143_667_240,
    "vgg19_bn": 143_678_248,
}
# Keys of torchvision's state dicts, with shapes, from the beginning, the middle and the end.
KEYS = {
    "alexnet": {"features.0.weight": (64, 3, 11, 11), "features.10.bias": (256,), "classifier.6.weight": (1000, 4096)},
    "densenet121": {
        "features.conv0.weight": (64, 3, 7, 7),
        "features.denseblock2.denselayer12.norm1.running_mean": (480,),
        "features.transition3.conv.weight": (512, 1024, 1, 1),
        "features.denseblock4.denselayer16.conv2.weight": (32, 128, 3, 3),
        "classifier.weight": (1000, 1024),
    },
    "densenet161": {
        "features.norm5.bias": (2208,),
        "features.denseblock3.denselayer36.conv1.weight": (192, 2064, 1, 1),
    },
    "squeezenet1_0": {"features.0.weight": (96, 3, 7, 7), "features.12.expand3x3.bias": (256,)},
    "squeezenet1_1": {"features.12.squeeze.weight": (64, 512, 1, 1), "classifier.1.bias": (1000,)},
    "vgg11": {"features.0.weight": (64, 3, 3, 3), "features.18.bias": (512,), "classifier.6.weight": (1000, 4096)},
    "vgg16_bn": {
        "features.1.running_mean": (64,),
        "features.40.weight": (512, 512, 3, 3),
        "classifier.0.bias": (4096,),
    },
    "vgg19": {"features.34.weight": (512, 512, 3, 3), "classifier.6.bias": (1000,)},
    "vgg19_bn": {"features.50.running_var": (512,)},
    "resnet34": {"layer1.2.conv2.weight": (64, 64, 3, 3), "layer3.5.bn1.bias": (256,), "fc.weight": (1000, 512)},
    "resnet101": {"layer3.22.conv3.weight": (1024, 256, 1, 1), "fc.weight": (1000, 2048)},
    "resnet152": {"layer2.7.conv1.weight": (128, 512, 1, 1), "layer3.35.bn3.bias": (1024,)},
    "resnet18": {
        "conv1.weight": (64, 3, 7, 7),
        "layer1.0.conv1.weight": (64, 64, 3, 3),
        "layer2.0.downsample.0.weight": (128, 64, 1, 1),
        "layer4.1.bn2.num_batches_tracked": (),
        "fc.weight": (1000, 512),
    },
    "resnet50": {
        "layer1.0.downsample.1.running_var": (256,),
        "layer3.5.conv3.weight": (1024, 256, 1, 1),
        "fc.bias": (1000,),
    },
    "mobilenet_v2": {
        "features.0.0.weight": (32, 3, 3, 3),
        "features.1.conv.0.0.weight": (32, 1, 3, 3),
        "features.2.conv.3.running_mean": (24,),
        "features.18.1.bias": (1280,),
        "classifier.1.weight": (1000, 1280),
    },
}


@pytest.fixture
def unfilled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameters that are not initialised: to draw 138 million takes seconds."""
    for name in ("uniform_", "normal_"):
        monkeypatch.setattr(init, name, lambda tensor, *_, **__: tensor)


@pytest.mark.usefixtures("unfilled")
@pytest.mark.parametrize("name", list_models())
def test_parameters_and_keys(name: str) -> None:
    net = get_model(name)
    assert sum(parameter.numel() for parameter in net.parameters()) == PARAMETERS[name]
    state = net.state_dict()
    for key, shape in KEYS.get(name, {}).items():
        assert tuple(state[key].shape) == shape


def test_half_of_the_channels_in_the_papers_counts() -> None:
    assert sum(parameter.numel() for parameter in MobileNetV1(width=0.25).parameters()) == 470_072
    assert sum(parameter.numel() for parameter in UNet(1, width=32).parameters()) == 7_763_041


SMALL = {
    "alexnet": lambda: AlexNet(5, 0.0, (3, 63, 70)),
    "squeezenet": lambda: SqueezeNet("1_1", 5, 0.0, (3, 32, 40)),
    "densenet": lambda: DenseNet(4, (2, 1, 3), 8, 2, num_classes=5, input_shape=(3, 32, 40)),
    "lenet": lambda: get_model("lenet", num_classes=5, input_shape=(3, 32, 40)),
    "vgg": lambda: VGG(((4,), (6, 8)), norm=True, num_classes=5, input_shape=(3, 32, 40)),
    "resnet": lambda: ResNet(BasicBlock, (1, 1, 1, 1), 5, (3, 32, 40)),
    "resnet, bottlenecks": lambda: ResNet(Bottleneck, (1, 1, 1, 1), 5, (3, 32, 40)),
    "mobilenet_v1": lambda: MobileNetV1(5, (3, 32, 40), width=0.25, stride=1),
    "mobilenet_v2": lambda: MobileNetV2(5, (3, 32, 40), width_mult=0.25),
    "unet": lambda: UNet(5, (3, 35, 45), width=4),
    "segnet": lambda: SegNet(((4,), (6, 8)), 5, (3, 35, 45)),
}


@pytest.fixture(params=SMALL)
def net(request: pytest.FixtureRequest) -> nn.Module:
    return SMALL[request.param]()


def images(net: nn.Module, n: int = 3) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n, *net.input_shape)).astype(np.float32)


def test_scores_for_each_image_or_each_pixel_and_every_parameter_learns(net: nn.Module) -> None:
    scores = net(images(net))
    pixels = net.input_shape[1:] if isinstance(net, UNet | SegNet) else ()
    assert tuple(scores.shape) == (3, 5, *pixels)
    (scores * knoll.randn(*scores.shape)).sum().backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert np.isfinite(parameter.grad.numpy()).all(), name
    assert sum(float(abs(parameter.grad).max()) > 0 for parameter in net.parameters()) > 5


def test_an_image_alone_is_the_image_in_a_batch_and_the_bare_program_agrees(net: nn.Module) -> None:
    net(images(net, 8))  # batch norms have seen something
    net.eval()
    x = images(net)
    together = net(x).detach().numpy()
    alone = np.concatenate([net(x[i : i + 1]).detach().numpy() for i in range(3)])
    np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(knoll.compile(net, x)(x), together, rtol=1e-4, atol=1e-5)


def test_first_weights_are_torchvisions() -> None:
    vgg, resnet, mobilenet = VGG(((64,),), num_classes=5), ResNet(BasicBlock, (1, 1, 1, 1)), MobileNetV2()
    deviations = {
        vgg.features[0]: np.sqrt(2 / (64 * 9)),
        vgg.classifier[6]: 0.01,
        resnet.conv1: np.sqrt(2 / (64 * 49)),
        resnet.layer4[0].conv2: np.sqrt(2 / (512 * 9)),
        mobilenet.features[18][0]: np.sqrt(2 / 1280),
        mobilenet.classifier[1]: 0.01,
    }
    for layer, deviation in deviations.items():
        assert layer.weight.std().item() == pytest.approx(deviation, rel=0.05), layer
        assert abs(layer.weight.mean().item()) < deviation / 10
    for layer in (vgg.features[0], vgg.classifier[6], mobilenet.classifier[1]):
        assert not layer.bias.any()
    assert resnet.fc.bias.any()  # the linear layer of a ResNet begins as every linear layer does


def test_what_torchvision_calls_untrained_is_a_new_network() -> None:
    for wish in ({"pretrained": False}, {"weights": None}):
        knoll.manual_seed(0)
        net = knoll.vision.models.resnet18(**wish, num_classes=10, input_shape=(3, 32, 32))
        knoll.manual_seed(0)
        np.testing.assert_array_equal(
            net.fc.weight.detach().numpy(), get_model("resnet18", num_classes=10).fc.weight.detach().numpy()
        )


def test_what_is_too_small() -> None:
    for build in (lambda: UNet(input_shape=(3, 15, 64)), lambda: SegNet(input_shape=(3, 31, 31))):
        with pytest.raises(ArgumentError, match="too small for this network"):
            build()


def test_a_segnet_begins_with_the_weights_of_a_vgg() -> None:
    stages = ((4,), (6, 8))
    vgg, segnet = VGG(stages, norm=True, num_classes=5, input_shape=(3, 32, 32)), SegNet(stages, 5)
    found = segnet.load_state_dict(vgg.state_dict(), strict=False)
    assert all(key.startswith("decoder.") for key in found.missing_keys)
    assert all(key.startswith("classifier.") for key in found.unexpected_keys)
    np.testing.assert_array_equal(segnet.features[4].weight.detach().numpy(), vgg.features[4].weight.detach().numpy())


def test_pooled_indices_bring_values_back_to_their_places() -> None:
    segnet = SegNet(((4,),), 2, (3, 5, 7))
    segnet.decoder[1] = nn.Identity()
    kept = []
    segnet.features[2].register_forward_hook(lambda *call: kept.append(call[-1].detach().numpy()))
    up = segnet(images(segnet, 1)).detach().numpy()
    assert up.shape == (1, 4, 5, 7)
    np.testing.assert_array_equal(up[up != 0], kept[0][up != 0])
    assert (up != 0).sum() <= 4 * 2 * 3


def test_the_channels_before_the_classifier_are_known() -> None:
    assert MobileNetV2(10).last_channel == 1280
    assert knoll.vision.__version__ == knoll.__version__
