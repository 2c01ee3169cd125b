from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn.init.skip import skip_init
from knoll.vision.models import (
    AlexNet,
    ConvNeXt,
    DenseNet,
    EfficientNet,
    GoogLeNet,
    MNASNet,
    MobileNetV1,
    MobileNetV2,
    Practice,
    RegNet,
    SegNet,
    ShuffleNetV2,
    SqueezeNet,
    UNet,
    get_model,
    list_models,
    practice,
)
from knoll.vision.models.convnext import CNBlockConfig
from knoll.vision.models.efficientnet import FusedMBConvConfig, MBConvConfig
from knoll.vision.models.regnet import BlockParams
from knoll.vision.models.resnet import BasicBlock, Bottleneck, ResNet
from knoll.vision.models.vgg import VGG, make_layers


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
    "convnext_base": 88_591_464,
    "convnext_large": 197_767_336,
    "convnext_small": 50_223_688,
    "convnext_tiny": 28_589_128,
    "densenet121": 7_978_856,
    "densenet161": 28_681_000,
    "densenet169": 14_149_480,
    "densenet201": 20_013_928,
    "efficientnet_b0": 5_288_548,
    "efficientnet_b1": 7_794_184,
    "efficientnet_b2": 9_109_994,
    "efficientnet_b3": 12_233_232,
    "efficientnet_b4": 19_341_616,
    "efficientnet_b5": 30_389_784,
    "efficientnet_b6": 43_040_704,
    "efficientnet_b7": 66_347_960,
    "efficientnet_v2_l": 118_515_272,
    "efficientnet_v2_m": 54_139_356,
    "efficientnet_v2_s": 21_458_488,
    "googlenet": 13_004_888,
    "inception_v3": 27_161_264,
    "lenet": 61_706,
    "mnasnet0_5": 2_218_512,
    "mnasnet0_75": 3_170_208,
    "mnasnet1_0": 4_383_312,
    "mnasnet1_3": 6_282_256,
    "mobilenet_v1": 4_231_976,
    "mobilenet_v1_025": 215_642,
    "mobilenet_v2": 3_504_872,
    "mobilenet_v3_large": 5_483_032,
    "mobilenet_v3_small": 2_542_856,
    "practice": 145_578,
    "regnet_x_16gf": 54_278_536,
    "regnet_x_1_6gf": 9_190_136,
    "regnet_x_32gf": 107_811_560,
    "regnet_x_3_2gf": 15_296_552,
    "regnet_x_400mf": 5_495_976,
    "regnet_x_800mf": 7_259_656,
    "regnet_x_8gf": 39_572_648,
    "regnet_y_128gf": 644_812_894,
    "regnet_y_16gf": 83_590_140,
    "regnet_y_1_6gf": 11_202_430,
    "regnet_y_32gf": 145_046_770,
    "regnet_y_3_2gf": 19_436_338,
    "regnet_y_400mf": 4_344_144,
    "regnet_y_800mf": 6_432_512,
    "regnet_y_8gf": 39_381_472,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnext101_32x8d": 88_791_336,
    "resnext101_64x4d": 83_455_272,
    "resnext50_32x4d": 25_028_904,
    "segnet_vgg11": 18_455_051,
    "segnet_vgg16": 29_449_355,
    "shufflenet_v2_x0_5": 1_366_792,
    "shufflenet_v2_x1_0": 2_278_604,
    "shufflenet_v2_x1_5": 3_503_624,
    "shufflenet_v2_x2_0": 7_393_996,
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
    "wide_resnet101_2": 126_886_696,
    "wide_resnet50_2": 68_883_240,
}
# Of the keys and shapes of torchvision 0.28's state dicts, in their order; see `digest`.
DIGESTS = {
    "alexnet": "214045a0c08f",
    "convnext_base": "8fe69bd876aa",
    "convnext_large": "f9a4970bc5ab",
    "convnext_small": "1fe2be0805e0",
    "convnext_tiny": "c419bc97af92",
    "densenet121": "d52aa585c671",
    "densenet161": "726b4d40ddb1",
    "densenet169": "04c0da21c301",
    "densenet201": "8fd3fcb6e275",
    "efficientnet_b0": "cb7cfd236a19",
    "efficientnet_b1": "801cf188eb26",
    "efficientnet_b2": "d199ff5a1f1f",
    "efficientnet_b3": "5f92a3586414",
    "efficientnet_b4": "cc2259337303",
    "efficientnet_b5": "1bc826e2f24b",
    "efficientnet_b6": "bf2d3f976158",
    "efficientnet_b7": "2e02ba4420de",
    "efficientnet_v2_l": "34a4d9dadcdb",
    "efficientnet_v2_m": "fa8a0a70ccbc",
    "efficientnet_v2_s": "d5950d608f2a",
    "googlenet": "e2cf6c5ea766",
    "inception_v3": "68f61e7f9f93",
    "mnasnet0_5": "88b6ffa96549",
    "mnasnet0_75": "46bead6333b5",
    "mnasnet1_0": "2c68af2d7b03",
    "mnasnet1_3": "0ec579bb799f",
    "mobilenet_v2": "5c45000c8dea",
    "mobilenet_v3_large": "3b44b7efcb19",
    "mobilenet_v3_small": "a29acf552527",
    "regnet_x_16gf": "564fbd98e790",
    "regnet_x_1_6gf": "bf7ed4dafc6c",
    "regnet_x_32gf": "1d3a19803e9d",
    "regnet_x_3_2gf": "1ac6213af4fd",
    "regnet_x_400mf": "87a6a3cafae7",
    "regnet_x_800mf": "676d51940f8c",
    "regnet_x_8gf": "6fa3b58572e4",
    "regnet_y_128gf": "331b2e11a1d3",
    "regnet_y_16gf": "3b39ffa71f87",
    "regnet_y_1_6gf": "fdbdeac44421",
    "regnet_y_32gf": "8c158d2240ba",
    "regnet_y_3_2gf": "b0d6eae0b834",
    "regnet_y_400mf": "9758dfaa6101",
    "regnet_y_800mf": "6b091a739725",
    "regnet_y_8gf": "a427f9cf11ed",
    "resnet101": "0e9191dd134c",
    "resnet152": "47360b6062c7",
    "resnet18": "761022b221a3",
    "resnet34": "1a060acae7a4",
    "resnet50": "3fa57287149b",
    "resnext101_32x8d": "07e967fd83ad",
    "resnext101_64x4d": "ea9d27eaae83",
    "resnext50_32x4d": "01e2eaa8da40",
    "shufflenet_v2_x0_5": "f4803982a2c9",
    "shufflenet_v2_x1_0": "3c60236e3c59",
    "shufflenet_v2_x1_5": "ffebecdf0ae1",
    "shufflenet_v2_x2_0": "ee8f5217246b",
    "squeezenet1_0": "dc8fa2e3e593",
    "squeezenet1_1": "9879b1f214fa",
    "vgg11": "a4a2a4a84e73",
    "vgg11_bn": "6aaf84aad415",
    "vgg13": "9dc9518e7646",
    "vgg13_bn": "9a11dd9903f0",
    "vgg16": "6f36a6fd49b6",
    "vgg16_bn": "5f99e428d932",
    "vgg19": "e05a894c9ad1",
    "vgg19_bn": "4c042cc97e1d",
    "wide_resnet101_2": "e730908dc76a",
    "wide_resnet50_2": "07e4b58a5307",
}


def digest(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """The beginning of the SHA-256 of lines such as `fc.bias (1000,)`."""
    return hashlib.sha256("".join(f"{key} {shape}\n" for key, shape in shapes.items()).encode()).hexdigest()[:12]


@pytest.mark.parametrize("name", list_models())
def test_parameters_and_keys(name: str) -> None:
    with skip_init(constants=True):
        net = get_model(name)
    assert sum(parameter.numel() for parameter in net.parameters()) == PARAMETERS[name]
    if name in DIGESTS:
        assert digest({key: tuple(value.shape) for key, value in net.state_dict().items()}) == DIGESTS[name]


@pytest.mark.parametrize("name", DIGESTS)
def test_keys_and_shapes_are_those_of_torchvision(torch: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = pytest.importorskip("torchvision.models")
    for drawn in ("uniform_", "normal_", "trunc_normal_", "kaiming_normal_", "kaiming_uniform_"):
        monkeypatch.setattr(torch.nn.init, drawn, lambda tensor, *_, **__: tensor)
    options = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}
    net = getattr(theirs, name)(**options)
    assert digest({key: tuple(value.shape) for key, value in net.state_dict().items()}) == DIGESTS[name]


def test_half_of_the_channels_in_the_papers_counts() -> None:
    assert sum(parameter.numel() for parameter in MobileNetV1(width=0.25).parameters()) == 470_072
    assert sum(parameter.numel() for parameter in UNet(1, width=32).parameters()) == 7_763_041


SMALL = {
    "alexnet": lambda: AlexNet(5, 0.0, (3, 63, 70)),
    "squeezenet": lambda: SqueezeNet("1_1", 5, 0.0, (3, 32, 40)),
    "densenet": lambda: DenseNet(4, (2, 1, 3), 8, 2, num_classes=5, input_shape=(3, 32, 40)),
    "lenet": lambda: get_model("lenet", num_classes=5, input_shape=(3, 32, 40)),
    "vgg": lambda: small_vgg(),
    "resnet": lambda: ResNet(BasicBlock, (1, 1, 1, 1), 5, input_shape=(3, 32, 40)),
    "resnet, bottlenecks": lambda: ResNet(Bottleneck, (1, 1, 1, 1), 5, groups=2, input_shape=(3, 32, 40)),
    "mobilenet_v1": lambda: MobileNetV1(5, (3, 32, 40), width=0.25, stride=1),
    "mobilenet_v2": lambda: MobileNetV2(5, 0.25, input_shape=(3, 32, 40)),
    "mobilenet_v3": lambda: get_model("mobilenet_v3_small", num_classes=5, input_shape=(3, 32, 40), width_mult=0.25),
    "efficientnet": lambda: EfficientNet(
        [FusedMBConvConfig(4, 3, 2, 8, 8, 2), MBConvConfig(6, 5, 2, 8, 8, 2)], 0.0, 0.0, 5, input_shape=(3, 32, 40)
    ),
    "shufflenet_v2": lambda: ShuffleNetV2([1, 2, 1], [8, 16, 24, 32, 40], 5, input_shape=(3, 32, 40)),
    "googlenet": lambda: GoogLeNet(5, aux_logits=False, dropout=0.0, input_shape=(3, 32, 40)),
    "regnet": lambda: RegNet(BlockParams.from_init_params(4, 16, 16.0, 2.0, 8, 1.0, 0.25), 5, input_shape=(3, 32, 40)),
    "convnext": lambda: ConvNeXt(
        [CNBlockConfig(8, 16, 1), CNBlockConfig(16, None, 2)], 0.0, 0.5, 5, None, None, (3, 32, 40)
    ),
    "mnasnet": lambda: MNASNet(0.25, 5, 0.0, (3, 32, 40)),
    "unet": lambda: UNet(5, (3, 35, 45), width=4),
    "segnet": lambda: SegNet([4, "M", 6, 8, "M"], 5, (3, 35, 45)),
}


def small_vgg() -> VGG:
    """A VGG with a classifier of few features."""
    with skip_init(constants=True):
        net = VGG(make_layers([4, "M", 6, 8, "M"], batch_norm=True), 5, input_shape=(3, 32, 40))
    net.features = make_layers([4, "M", 6, 8, "M"], batch_norm=True)
    net.classifier = nn.Sequential(nn.Linear(8 * 49, 16), nn.ReLU(), nn.Linear(16, 5))
    return net


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
    vgg, resnet, mobilenet = VGG(make_layers([64]), 5), ResNet(BasicBlock, (1, 1, 1, 1)), MobileNetV2()
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
    vgg, segnet = small_vgg(), SegNet([4, "M", 6, 8, "M"], 5)
    found = segnet.load_state_dict(vgg.state_dict(), strict=False)
    assert all(key.startswith("decoder.") for key in found.missing_keys)
    assert all(key.startswith("classifier.") for key in found.unexpected_keys)
    np.testing.assert_array_equal(segnet.features[4].weight.detach().numpy(), vgg.features[4].weight.detach().numpy())


def test_pooled_indices_bring_values_back_to_their_places() -> None:
    segnet = SegNet([4, "M"], 2, (3, 5, 7))
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
