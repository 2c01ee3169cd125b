"""Networks of torchvision's families: against stored results of torchvision, and against it where it is installed."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, UnsupportedError
from knoll.nn import effects
from knoll.nn.init.skip import skip_init
from knoll.ops.differentiate import differentiate
from knoll.plan.passes import simplify
from knoll.plan.roles.batch_axis import batched_values
from knoll.tensor.record import traced
from knoll.vision import models
from vision.torchvision_networks import NETWORKS, images, weights

# Scores for the first image, of torchvision 0.28 in float64.
SCORES = {
    "mobilenet_v3_small": [-0.191690717, 0.661504475, -0.0651434591, -0.7499417, 0.367745516],
    "mobilenet_v3_large": [84.6939427, 70.6086437, -26.1966553, 7.81281916, -42.087447],
    "efficientnet": [-0.0243091116, 0.670833627, 0.11404688, 0.512829875, -0.419914801],
    "efficientnet_v2": [-0.609975222, 2.40169213, 4.90007995, 2.58750092, 4.72940191],
    "shufflenet_v2": [0.653263036, -2.07377898, -3.85498614, -2.02589881, -4.7887196],
    "googlenet": [-2.47205068, -3.05101587, 4.36484093, -6.85712085, 10.3312965],
    "regnet_x": [29.4175791, -21.2299796, 7.20562985, -25.0829377, 12.214018],
    "regnet_y": [6.67580332, -6.2438025, -2.06842502, 0.410412327, 1.40490603],
    "convnext": [-1.01764094, 1.14192839, -1.48269773, -1.53084367, -1.11938972],
    "resnet": [-0.138508318, 1.07150112, -2.30910004, 0.0183314446, 0.664176874],
    "resnext": [-13.7562543, -32.2887316, 14.6200294, 12.4511692, -1.31925037],
    "densenet": [2.00502331, 0.339109232, -3.73288929, -3.37955808, -0.203726979],
    "mobilenet_v2": [0.724187992, 0.68055483, 0.146572121, -0.0248157491, 0.356492032],
    "squeezenet": [0.260007639, 1.166467, 1.21541708, 0.0, 0.495403845],
    "mnasnet": [-95.0481541, 159.753797, -74.0258893, -617.802472, -19.4966784],
    "inception_v3": [0.0802043612, -0.880393254, 1.75933925, -0.749707492, -0.0393775327],
}


def ours(name: str) -> Any:
    """A network in float64 with the weights that follow from its keys."""
    net = NETWORKS[name][1](models).double()
    state = weights({key: tuple(value.shape) for key, value in net.state_dict().items()})
    net.load_state_dict({key: knoll.tensor(value) for key, value in state.items()})
    return net


@pytest.fixture(scope="module")
def torchvision() -> Any:
    """The networks of torchvision, or a skipped test."""
    pytest.importorskip("torch")
    return pytest.importorskip("torchvision.models")


def theirs(torch: Any, torchvision: Any, name: str) -> Any:
    net = NETWORKS[name][1](torchvision).double()
    state = net.state_dict()
    given = weights({key: tuple(value.shape) for key, value in state.items()})
    state.update({key: torch.tensor(value) for key, value in given.items()})  # which keeps the versions of modules
    net.load_state_dict(state)
    return net


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_are_those_of_torchvision_0_28(name: str) -> None:
    scores = ours(name).eval()(knoll.tensor(images(NETWORKS[name][0])))
    np.testing.assert_allclose(scores.detach().numpy()[0], SCORES[name], rtol=1e-6)


@pytest.mark.parametrize("name", NETWORKS)
def test_stored_scores_are_torchvisions(torch: Any, torchvision: Any, name: str) -> None:
    with torch.no_grad():
        scores = theirs(torch, torchvision, name).eval()(torch.tensor(images(NETWORKS[name][0]))).numpy()
    np.testing.assert_allclose(scores[0], SCORES[name], rtol=1e-6)


def tuple_of(scores: Any) -> tuple[Any, ...]:
    return scores if isinstance(scores, tuple) else (scores,)


@pytest.mark.parametrize("name", NETWORKS)
def test_training_is_torchvisions(torch: Any, torchvision: Any, name: str) -> None:
    """Scores, those of other classifiers too, gradients, and the statistics afterwards."""
    net, other, x = ours(name), theirs(torch, torchvision, name), images(NETWORKS[name][0])
    found, expected = tuple_of(net(knoll.tensor(x))), tuple_of(other(torch.tensor(x)))
    assert getattr(found, "_fields", None) == getattr(expected, "_fields", None)
    assert len(found) == len(expected)
    for mine, truth in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine.detach().numpy(), truth.detach().numpy(), rtol=0, atol=1e-11 * scale(truth))
    weight = np.random.default_rng(0).standard_normal((3, 5))
    sum((each * knoll.tensor(weight)).sum() for each in found).backward()
    sum((each * torch.tensor(weight)).sum() for each in expected).backward()
    # PyTorch's slope of Hardsigmoid is 1/6 in float32, for elements of float64 too
    error = 1e-7 if any(isinstance(each, nn.Hardsigmoid) for each in net.modules()) else 1e-11
    steepest = max(scale(parameter.grad) for parameter in other.parameters())
    for (key, mine), truth in zip(net.named_parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(mine.grad.numpy(), truth.grad.numpy(), 0, error * steepest, err_msg=key)
    for (key, mine), truth in zip(net.named_buffers(), other.buffers(), strict=True):
        np.testing.assert_allclose(mine.numpy(), truth.numpy(), 0, 1e-11 * max(1, scale(truth)), err_msg=key)


def test_the_other_classifier_of_inception_v3(torch: Any, torchvision: Any) -> None:
    """It needs images of 299 rows and columns, and stands alone here."""
    mine, truth = models.inception.InceptionAux(6, 5).double(), torchvision.inception.InceptionAux(6, 5).double()
    mine.load_state_dict({key: knoll.tensor(value.numpy()) for key, value in truth.state_dict().items()})
    x = np.random.default_rng(0).standard_normal((2, 6, 17, 17))
    np.testing.assert_allclose(
        mine(knoll.tensor(x)).detach().numpy(), truth(torch.tensor(x)).detach().numpy(), rtol=1e-9
    )


def test_training_gives_the_scores_of_other_classifiers() -> None:
    net = models.inception_v3(3)
    net.AuxLogits = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(768, 3))
    x = knoll.randn(2, 3, 75, 75)
    logits, aux = net(x)
    assert isinstance(net(x), models.InceptionOutputs)
    assert logits.shape == aux.shape == (2, 3)
    assert net.eval()(x).shape == (2, 3)
    assert models.googlenet(3)(knoll.randn(2, 3, 32, 32))._fields == ("logits", "aux_logits2", "aux_logits1")
    assert models.googlenet(3, aux_logits=False)(knoll.randn(2, 3, 32, 32)).shape == (2, 3)


def scale(tensor: Any) -> float:
    return float(abs(tensor.detach().numpy()).max())


@pytest.mark.parametrize("name", NETWORKS)
def test_structure_and_initial_weights_are_torchvisions(torch: Any, torchvision: Any, name: str) -> None:
    knoll.manual_seed(0)
    torch.manual_seed(0)
    build = NETWORKS[name][1]
    net, other = build(models), build(torchvision)
    assert repr(net) == repr(other)
    for (key, mine), truth in zip(net.named_parameters(), other.named_parameters(), strict=True):
        assert key == truth[0]
        spread = truth[1].std(correction=0).item()
        error = 5 / np.sqrt(mine.numel()) * spread
        assert mine.std(correction=0).item() == pytest.approx(spread, abs=error), key
        assert mine.mean().item() == pytest.approx(truth[1].mean().item(), abs=2 * error), key


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_are_called_in_torchvisions_order(torch: Any, torchvision: Any, name: str) -> None:
    """In training, so that hooks and the random numbers of dropout come to the same layers."""
    size, build = NETWORKS[name]
    orders = []
    for library, models_of in ((knoll, models), (torch, torchvision)):
        called: list[str] = []
        net = build(models_of)
        for key, module in net.named_modules():
            module.register_forward_hook(lambda *_, key=key, called=called: called.append(key))
        net(library.zeros(2, 3, size, size))
        orders.append(called)
    assert orders[0] == orders[1]


@pytest.mark.parametrize("training", [False, True], ids=["inference", "training"])
@pytest.mark.parametrize("name", NETWORKS)
def test_no_node_runs_in_numpy(name: str, training: bool) -> None:
    size, build = NETWORKS[name]
    net = build(models).train(training)

    class Joined(nn.Module):
        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            return sum(tuple_of(net(x)))

    graph, leaves = traced(Joined(), knoll.randn(3, 3, size, size))
    wrt = tuple(i for i, leaf in enumerate(leaves) if leaf.requires_grad) if training else ()
    graph = simplify(graph, training)
    assert batched_values(differentiate(graph, wrt).joint if training else graph) is not None


@pytest.mark.parametrize("name", NETWORKS)
def test_a_second_call_is_memoised(name: str) -> None:
    assert effects.reads_of(NETWORKS[name][1](models).eval(), 1) is not None


def test_branches_are_left_out_by_chance_in_training() -> None:
    knoll.manual_seed(0)
    for net in (
        models.efficientnet.EfficientNet([models.efficientnet.MBConvConfig(1, 3, 1, 8, 8, 2)], 0.0, 0.9),
        models.convnext.ConvNeXt([models.convnext.CNBlockConfig(8, None, 3)], 0.9, layer_scale=1.0),
    ):
        chances = [each.p for each in net.modules() if isinstance(each, knoll.vision.ops.StochasticDepth)]
        assert chances == [0.0, 0.45, 0.9][: len(chances)]
        x = knoll.randn(4, 3, 16, 16)
        assert not np.array_equal(net(x).detach().numpy(), net(x).detach().numpy())
        net.eval()
        np.testing.assert_array_equal(net(x).detach().numpy(), net(x).detach().numpy())


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "no blocks": (
        lambda m: m.MobileNetV3([], 8),
        "The inverted_residual_setting should not be empty",
    ),
    "other blocks": (
        lambda m: m.MobileNetV3([3], 8),
        "The inverted_residual_setting should be List[InvertedResidualConfig]",
    ),
    "no stages": (lambda m: m.EfficientNet([], 0.2), "The inverted_residual_setting should not be empty"),
    "stages of another network": (
        lambda m: m.EfficientNet([m.convnext.CNBlockConfig(8, None, 1)], 0.2),
        "The inverted_residual_setting should be List[MBConvConfig]",
    ),
    "no settings": (lambda m: m.ConvNeXt([]), "The block_setting should not be empty"),
    "other settings": (lambda m: m.ConvNeXt([8]), "The block_setting should be List[CNBlockConfig]"),
    "a long stride": (
        lambda m: m.MobileNetV3([m.mobilenetv3.InvertedResidualConfig(8, 3, 8, 8, True, "RE", 3, 1, 1.0)], 8),
        "illegal stride value",
    ),
    "a long stride of a stage": (
        lambda m: m.EfficientNet([m.efficientnet.MBConvConfig(1, 3, 3, 8, 8, 1)], 0.2),
        "illegal stride value",
    ),
    "a long stride of a fused stage": (
        lambda m: m.EfficientNet([m.efficientnet.FusedMBConvConfig(1, 3, 3, 8, 8, 1)], 0.2),
        "illegal stride value",
    ),
    "two stages": (
        lambda m: m.ShuffleNetV2([1, 1], [8, 8, 8, 8, 8]),
        "expected stages_repeats as list of 3 positive ints",
    ),
    "four widths": (
        lambda m: m.ShuffleNetV2([1, 1, 1], [8, 8, 8, 8]),
        "expected stages_out_channels as list of 5 positive ints",
    ),
    "an unequal half": (
        lambda m: m.shufflenetv2.InvertedResidual(8, 12, 1),
        "Invalid combination of stride 1, inp 8 and oup 12 values. If stride == 1 then inp should be equal to oup // 2 "
        "<< 1.",
    ),
    "a stride of four": (lambda m: m.shufflenetv2.InvertedResidual(8, 8, 4), "illegal stride value"),
    "two blocks": (
        lambda m: m.GoogLeNet(blocks=[None, None], init_weights=True),
        "blocks length should be 3 instead of 2",
    ),
    "one block": (
        lambda m: m.Inception3(inception_blocks=[None], init_weights=True),
        "length of inception_blocks should be 7 instead of 1",
    ),
    "a falling line": (
        lambda m: m.regnet.BlockParams.from_init_params(4, 8, -1.0, 2.0, 8),
        "Invalid RegNet settings",
    ),
    "an odd width": (
        lambda m: m.regnet.BlockParams.from_init_params(4, 12, 1.0, 2.0, 8),
        "Invalid RegNet settings",
    ),
    "a wide basic block": (
        lambda m: m.resnet.BasicBlock(8, 8, base_width=128),
        "BasicBlock only supports groups=1 and base_width=64",
    ),
    "a dilated basic block": (
        lambda m: m.resnet.BasicBlock(8, 8, dilation=2),
        "Dilation > 1 not supported in BasicBlock",
    ),
    "two dilated stages": (
        lambda m: m.ResNet(m.resnet.Bottleneck, [1, 1, 1, 1], replace_stride_with_dilation=[True, False]),
        "replace_stride_with_dilation should be None or a 3-element tuple, got [True, False]",
    ),
    "a long stride of a block": (
        lambda m: m.mobilenetv2.InvertedResidual(8, 8, 3, 6),
        "stride should be 1 or 2 instead of 3",
    ),
    "three sizes of a stage": (
        lambda m: m.MobileNetV2(inverted_residual_setting=[[1, 8, 1]]),
        "inverted_residual_setting should be non-empty or a 4-element list, got [[1, 8, 1]]",
    ),
    "an unknown network": (
        lambda m: m.mobilenetv3._mobilenet_v3_conf("mobilenet_v3"),
        "Unsupported model type mobilenet_v3",
    ),
    "another unknown network": (
        lambda m: m.efficientnet._efficientnet_conf("efficientnet_v3"),
        "Unsupported model type efficientnet_v3",
    ),
    "no width": (lambda m: m.MNASNet(0.0), "alpha should be greater than 0.0 instead of 0.0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_fits_no_network_is_refused(case: str) -> None:
    call, words = REFUSED[case]
    with pytest.raises((ArgumentError, ArgumentTypeError, UnsupportedError)) as caught:
        call(models)
    assert caught.value.reason == words


@pytest.mark.parametrize("case", REFUSED)
def test_torchvision_refuses_it_in_the_same_words(torchvision: Any, case: str) -> None:
    call, words = REFUSED[case]
    with pytest.raises((ValueError, TypeError, NotImplementedError), match=re.escape(words)) as caught:
        call(torchvision)
    with pytest.raises(caught.type, match=re.escape(words)):
        call(models)


FAMILIES = [
    "MobileNetV3",
    "EfficientNet",
    "ShuffleNetV2",
    "GoogLeNet",
    "RegNet",
    "ConvNeXt",
    "MNASNet",
    "Inception3",
    "AlexNet",
    "SqueezeNet",
    "DenseNet",
    "ResNet",
    "VGG",
    "MobileNetV2",
]
# What programs build other networks with, and subclass.
PARTS = {
    "_utils": ["IntermediateLayerGetter", "_make_divisible"],
    "convnext": ["CNBlock", "CNBlockConfig"],
    "densenet": ["_DenseBlock", "_DenseLayer", "_Transition", "_densenet"],
    "efficientnet": ["FusedMBConv", "FusedMBConvConfig", "MBConv", "MBConvConfig", "_efficientnet"],
    "googlenet": ["BasicConv2d", "Inception", "InceptionAux"],
    "inception": ["BasicConv2d", "InceptionA", "InceptionB", "InceptionC", "InceptionD", "InceptionE", "InceptionAux"],
    "mnasnet": ["_InvertedResidual", "_get_depths", "_stack"],
    "mobilenetv2": ["InvertedResidual", "_make_divisible"],
    "mobilenetv3": ["InvertedResidual", "InvertedResidualConfig", "_mobilenet_v3"],
    "regnet": ["AnyStage", "BlockParams", "BottleneckTransform", "ResBottleneckBlock", "SimpleStemIN"],
    "resnet": ["BasicBlock", "Bottleneck", "_resnet", "conv1x1", "conv3x3"],
    "shufflenetv2": ["InvertedResidual", "channel_shuffle"],
    "squeezenet": ["Fire"],
    "vgg": ["_vgg", "make_layers"],
}


@pytest.mark.parametrize("family", FAMILIES)
def test_arguments_and_defaults_are_torchvisions(torchvision: Any, family: str) -> None:
    found, expected = (
        {
            name: each.default
            for name, each in inspect.signature(getattr(lib, family)).parameters.items()
            if name not in ("kwargs", "input_shape")
        }
        for lib in (models, torchvision)
    )
    assert list(found) == list(expected)
    for name, default in expected.items():
        assert found[name] == default or callable(default), name


@pytest.mark.parametrize("file", PARTS)
def test_parts_of_networks_take_what_torchvisions_take(torchvision: Any, file: str) -> None:
    """By the same names; the first argument of a function of tensors may be called otherwise."""
    for name in PARTS[file]:
        expected, found = (
            list(inspect.signature(getattr(importlib.import_module(f"{library}.{file}"), name)).parameters)
            for library in (torchvision.__name__, models.__name__)
        )
        assert found[: len(expected)] == expected or name == "channel_shuffle", name


def test_sizes_by_the_name_of_a_network(torchvision: Any) -> None:
    for file, arch, sizes in (
        ("mobilenetv3", "mobilenet_v3_large", {"width_mult": 0.75, "reduced_tail": True, "dilated": True}),
        ("mobilenetv3", "mobilenet_v3_small", {}),
        ("efficientnet", "efficientnet_b3", {"width_mult": 1.2, "depth_mult": 1.4}),
        ("efficientnet", "efficientnet_v2_m", {}),
    ):
        call = "_mobilenet_v3_conf" if file == "mobilenetv3" else "_efficientnet_conf"
        found, expected = (getattr(getattr(each, file), call)(arch, **sizes) for each in (models, torchvision))
        assert found[1] == expected[1]
        for mine, truth in zip(found[0], expected[0], strict=True):
            assert {**vars(mine), "block": None} == {**vars(truth), "block": None}


@pytest.mark.parametrize("cfg", "ABDE")
def test_layers_of_vgg(torchvision: Any, cfg: str) -> None:
    with skip_init():
        assert models.vgg.cfgs[cfg] == torchvision.vgg.cfgs[cfg]
        for norm in (False, True):
            found, expected = (lib.vgg.make_layers(lib.vgg.cfgs[cfg], norm) for lib in (models, torchvision))
            assert repr(found) == repr(expected)


def test_residual_blocks_may_begin_as_their_shortcuts() -> None:
    """Batch norms alone have factors that can be zero."""
    for block, last in ((models.resnet.BasicBlock, "bn2"), (models.resnet.Bottleneck, "bn3")):
        net = models.ResNet(block, [1, 1, 1, 1], 3, zero_init_residual=True)
        blocks = [each for each in net.modules() if isinstance(each, block)]
        assert len(blocks) == 4
        for each in blocks:
            assert not getattr(each, last).weight.any()
            assert each.bn1.weight.all()
    bare = models.ResNet(
        block, [1, 1, 1, 1], 3, zero_init_residual=True, norm_layer=lambda c: nn.BatchNorm2d(c, affine=False)
    )
    assert bare.layer1[0].bn3.weight is None


def test_results_of_children_by_their_names(torch: Any, torchvision: Any) -> None:
    wanted = {"layer1": "low", "layer3": "high"}
    getters = [
        importlib.import_module(f"{lib.__name__}._utils").IntermediateLayerGetter(NETWORKS["resnet"][1](lib), wanted)
        for lib in (models, torchvision)
    ]
    assert list(getters[0]) == list(getters[1]) == ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3"]
    found, expected = (getter(lib.zeros(1, 3, 32, 32)) for getter, lib in zip(getters, (knoll, torch), strict=True))
    assert {name: tuple(y.shape) for name, y in found.items()} == {name: tuple(y.shape) for name, y in expected.items()}
    with pytest.raises(ArgumentError, match="return_layers are not present in model"):
        models._utils.IntermediateLayerGetter(nn.Sequential(nn.ReLU()), {"1": "x"})


def test_what_makes_no_layer_is_refused() -> None:
    for call in (
        lambda: models.mobilenet_v3_small(norm_layer=3),
        lambda: models.efficientnet_b0(norm_layer=(3,)),
        lambda: models.regnet_x_400mf(activation="relu"),
        lambda: models.convnext_tiny(block=1.0),
        lambda: models.ShuffleNetV2([1, 1, 1], [8, 8, 8, 8, 8], inverted_residual=[]),
        lambda: models.GoogLeNet(blocks=[1, 2, 3]),
    ):
        with pytest.raises(ArgumentTypeError, match="object is not callable"):
            call()
    with pytest.raises(ArgumentTypeError, match=r"'aux_logits'.*must be bool, not int"):
        models.Inception3(aux_logits=1)
    with pytest.raises(ArgumentError, match="blocks length should be 3 instead of int"):
        models.GoogLeNet(blocks=3)


BUILDERS = {
    "mobilenet_v3*": "MobileNetV3",
    "efficientnet*": "EfficientNet",
    "shufflenet*": "ShuffleNetV2",
    "googlenet": "GoogLeNet",
    "regnet*": "RegNet",
    "convnext*": "ConvNeXt",
    "mnasnet*": "MNASNet",
    "inception*": "Inception3",
}


@pytest.mark.parametrize("pattern", BUILDERS)
def test_builders_take_what_their_networks_take(torchvision: Any, pattern: str) -> None:
    parameters = inspect.signature(getattr(torchvision, BUILDERS[pattern])).parameters.values()
    wanted = {each.name for each in parameters if each.default is not each.empty}
    for name in models.list_models(include=pattern):
        assert wanted <= set(inspect.signature(getattr(models, name)).parameters), name


def test_another_norm_and_another_block() -> None:
    class Plain(models.mobilenetv3.InvertedResidual):
        pass

    net = models.mobilenet_v3_small(3, norm_layer=lambda c: nn.GroupNorm(1, c), block=Plain, width_mult=0.25)
    assert not [each for each in net.modules() if isinstance(each, nn.BatchNorm2d)]
    assert sum(isinstance(each, Plain) for each in net.modules()) == 11
    assert net(knoll.zeros(1, 3, 32, 32)).shape == (1, 3)
    assert models.regnet_x_400mf(3, activation=nn.SiLU).stem[2].__class__ is nn.SiLU
    assert models.efficientnet_b5(3).features[0][1].eps == 0.001


def test_scales_of_images_are_halves() -> None:
    """Images normalised by ImageNet's statistics become images normalised by 0.5."""
    pixels = np.random.default_rng(0).uniform(0, 1, (2, 3, 75, 75))
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    usual = (pixels - mean[:, None, None]) / deviation[:, None, None]
    net = ours("inception_v3").eval()
    found = net(knoll.tensor(usual)).detach().numpy()
    net.transform_input = False
    np.testing.assert_allclose(found, net(knoll.tensor((pixels - 0.5) / 0.5)).detach().numpy(), rtol=1e-9)


def test_weights_of_the_first_version_of_mnasnet() -> None:
    """Its first layers had the same width for every `alpha`."""
    old, net = models.MNASNet(0.5, 3).eval(), models.MNASNet(0.5, 3).eval()
    told = "A new version of MNASNet model has been implemented"
    with pytest.warns(UserWarning, match=told):
        old._become_first_version()
    state = old.state_dict()
    assert state["layers.0.weight"].shape == (32, 3, 3, 3)
    with pytest.warns(UserWarning, match=told):
        net.load_state_dict(state)
    x = knoll.randn(1, 3, 32, 32)
    np.testing.assert_array_equal(net(x).detach().numpy(), old(x).detach().numpy())
    models.MNASNet(0.5, 3).load_state_dict(OrderedDict(models.MNASNet(0.5, 3).state_dict()))  # without a version
    state._metadata[""]["version"] = 3
    with pytest.raises(ArgumentError, match="version should be set to 1 or 2 instead of 3"):
        net.load_state_dict(state)
