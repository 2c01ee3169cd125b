"""Weights that torchvision published: what builders are asked for, fetched from a server of this machine."""

from __future__ import annotations

import copy
import hashlib
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, FileError
from knoll.vision import models
from knoll.vision.models import ResNet18_Weights, ResNet50_Weights, VGG16_Weights, WeightsEnum
from knoll.vision.models.registry import MODELS
from knoll.vision.models.weights import PUBLISHED, Weights, published
from knoll.vision.transforms import CenterCrop, Compose, Normalize, Resize, ToTensor
from knoll.vision.transforms.presets import ImageClassification
from served import serving

KINDS = sorted(PUBLISHED.values(), key=lambda kind: kind.__name__)


class Net(nn.Module):
    """A network that is quickly made."""

    def __init__(self, num_classes: int = 3) -> None:
        super().__init__()
        self.fc = nn.Linear(2, num_classes)


class Headed(Net):
    """One with a second classifier, if it is wanted."""

    def __init__(self, num_classes: int = 3, heads: bool = True, scale: float = 1.0) -> None:
        super().__init__(num_classes)
        self.scale = scale
        if heads:
            self.aux = nn.Linear(2, 1)


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a folder that a server of this machine serves; what is fetched goes to another."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "home"))
    with serving(tmp_path / "served") as url:
        yield url


@pytest.fixture
def net(address: str, tmp_path: Path) -> Callable[..., Net]:
    """The builder of a network for which two files of weights were published, the second of which is damaged."""
    knoll.manual_seed(5)
    file = tmp_path / "served" / "net.pth"
    knoll.save(Net().state_dict(), file)
    name = f"net-{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}.pth"
    file.rename(file.with_name(name))
    (tmp_path / "served" / "net-00000000.pth").write_bytes(b"no weights")
    meta = {"categories": ["a", "b", "c"]}

    class Net_Weights(WeightsEnum):  # noqa: N801 (as torchvision's are called)
        """Two files."""

        FIRST = Weights(f"{address}/{name}", lambda: CenterCrop(2), meta)
        SECOND = Weights(f"{address}/net-00000000.pth", lambda: CenterCrop(2), meta)
        DEFAULT = FIRST

    @published(Net_Weights)
    def build(num_classes: int = 3) -> Net:
        """A new network."""
        return Net(num_classes)

    return build


@pytest.mark.parametrize(
    "wish",
    [{"pretrained": True}, {"weights": "DEFAULT"}, {"weights": "Net_Weights.FIRST"}, {"weights": True}, "first"],
    ids=str,
)
def test_a_builder_brings_weights(net: Any, wish: Any, tmp_path: Path) -> None:
    made = net(True) if wish == "first" else net(progress=False, **wish)
    knoll.manual_seed(5)
    np.testing.assert_array_equal(made.fc.weight.detach().numpy(), Net().fc.weight.detach().numpy())
    assert len(list((tmp_path / "home" / "hub" / "checkpoints").iterdir())) == 1
    for file in (tmp_path / "served").iterdir():
        file.unlink()
    net(weights="DEFAULT", num_classes=3)  # what was fetched is there


@pytest.mark.parametrize("wish", [{}, {"weights": None}, {"pretrained": False}, {"weights": False}], ids=str)
def test_a_builder_brings_none(net: Any, wish: dict[str, Any], tmp_path: Path) -> None:
    assert net(**wish, num_classes=7).fc.out_features == 7
    assert net(7).fc.out_features == 7
    assert not (tmp_path / "home").exists()


def test_damaged_weights_are_refused(net: Any, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match='invalid hash value \\(expected "00000000"'):
        net(weights="SECOND")
    assert list((tmp_path / "home" / "hub" / "checkpoints").iterdir()) == []


def test_what_cannot_be_fetched_says_how_to_do_it_by_hand(net: Any, tmp_path: Path) -> None:
    for file in (tmp_path / "served").iterdir():
        file.unlink()
    with pytest.raises(FileError, match=r"(?s)could not be downloaded.*404.*put it at .*checkpoints.net-\w{8}\.pth"):
        net(weights="DEFAULT")


@pytest.mark.parametrize(
    ("wish", "error", "words"),
    [
        ({"weights": "IMAGENET1K_V9"}, ArgumentError, "(?s)IMAGENET1K_V9.*expected: FIRST, SECOND, DEFAULT"),
        (
            {"weights": ResNet18_Weights.DEFAULT},
            ArgumentTypeError,
            "but received ResNet18_Weights",
        ),
        ({"weights": 3}, ArgumentTypeError, "Invalid Weight class provided; expected Net_Weights but received int"),
        ({"weights": "FIRST", "num_classes": 4}, ArgumentError, "'num_classes' expected value 3 but got 4 instead"),
    ],
)
def test_other_wishes_are_refused(net: Any, wish: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        net(**wish)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_is_known_of_weights(kind: type[WeightsEnum]) -> None:
    (builder,) = (each for each, its in PUBLISHED.items() if its is kind and each in MODELS.values())
    assert kind.__name__.lower() == f"{builder.__name__}_weights"
    assert models.get_model_weights(builder) is models.get_model_weights(builder.__name__) is kind
    assert getattr(models, kind.__name__) is kind
    assert repr(kind.DEFAULT) == f"{kind.__name__}.{kind.DEFAULT.name}"
    for member in kind:
        assert models.get_weight(repr(member)) is member
        assert copy.deepcopy(member) is member
        assert pickle.loads(pickle.dumps(member)) is member
        file = member.url.removeprefix("https://download.pytorch.org/models/")
        for written, meant in (("netv2_x", "net_v2_x"), ("0.5", "0_5"), ("1.0", "1_0"), ("_x1-", "_x1_0-")):
            file = file.replace(written, meant)
        assert file.startswith(builder.__name__)
        assert member.meta["categories"] is None or len(member.meta["categories"]) == 1000
        assert isinstance(member.transforms(), ImageClassification)


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "mobilenet_v2"])
def test_the_number_of_parameters_is_the_network_s(name: str) -> None:
    members = list(models.get_model_weights(name))
    count = sum(parameter.numel() for parameter in models.get_model(name).parameters())
    assert [member.meta["num_params"] for member in members] == [count] * len(members)


def test_a_network_may_lack_parts_of_the_file(address: str, tmp_path: Path) -> None:
    """As those of Inception, which learn in training alone; what was trained in another way is made so."""

    file = tmp_path / "served" / "headed.pth"
    knoll.save(Headed().state_dict(), file)
    name = f"headed-{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}.pth"
    file.rename(file.with_name(name))

    class Headed_Weights(WeightsEnum):  # noqa: N801 (as torchvision's are called)
        """One file."""

        FIRST = Weights(f"{address}/{name}", lambda: CenterCrop(2), {"categories": ["a", "b", "c"]})
        DEFAULT = FIRST

    @published(Headed_Weights, parts="aux", heads=False)
    def build(num_classes: int = 3, **config: Any) -> Headed:
        """A new network."""
        return Headed(num_classes, **config)

    for options, has_heads in (({}, False), ({"heads": True}, True)):
        assert hasattr(build(weights="DEFAULT", scale=2.0, **options), "aux") is has_heads
    assert hasattr(build(), "aux")
    with pytest.raises(ArgumentTypeError, match=r"(?s)unexpected keyword argument 'scal'.*scale=1.0.*try: scale="):
        build(scal=2.0)


def test_weights_by_name() -> None:
    assert models.get_weight("ResNet50_Weights.DEFAULT") is ResNet50_Weights.IMAGENET1K_V2
    for name, words in (("ResNet50", "Invalid weight name"), ("Net_X.DEFAULT", "weight enum 'Net_X'"), (3, "name")):
        with pytest.raises(ArgumentError, match=words):
            models.get_weight(name)
    for call in (lambda: models.get_model_weights("unet"), lambda: models.get_model("unet", weights="DEFAULT")):
        with pytest.raises(ArgumentError, match=r"(?s)Nobody published weights of unet.*resnet18"):
            call()
    assert isinstance(models.get_model("LeNet", weights=None), models.LeNet)
    assert VGG16_Weights.IMAGENET1K_FEATURES.meta["categories"] is None


def test_models_by_pattern() -> None:
    assert models.list_models(include=["vgg1[19]", "lenet"]) == ["lenet", "vgg11", "vgg19"]
    assert models.list_models(include="resnet*", exclude="*1*") == ["resnet34", "resnet50"]
    assert models.list_models(models) == models.list_models() == sorted(MODELS)
    assert models.list_models(module=nn) == []


def test_the_transform_is_that_of_the_published_recipe() -> None:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (300, 260, 3), dtype=np.uint8))
    by_hand = Compose(
        [Resize(232), CenterCrop(224), ToTensor(), Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])]
    )
    prepare = ResNet50_Weights.DEFAULT.transforms()
    np.testing.assert_allclose(prepare(picture).numpy(), by_hand(picture).numpy(), rtol=0, atol=1e-6)
    pixels = knoll.tensor(rng.integers(0, 256, (2, 3, 240, 300), dtype=np.uint8))
    assert prepare(pixels).shape == (2, 3, 224, 224)
    assert "resize_size=[232]" in repr(prepare)
