from __future__ import annotations

import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from knoll.errors import ArgumentError, DataError, FileError, KnollError, StateError, UnsafeFileError
from knoll.interop import safetensors_file
from knoll.train.predict import predict
from knoll.train.weights import load_network, matching
from knoll.vision.models import Practice


def numbers(net: Practice) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in net.state_dict().items()}


@pytest.fixture
def net() -> Practice:
    return Practice().eval()


@pytest.fixture
def weights(net: Practice, tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    safetensors_file.save(path, numbers(net), {"classes": json.dumps([f"class {k}" for k in range(10)])})
    return path


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)).save(path)
    return path


def test_probabilities_are_the_softmax_of_the_scores(net: Practice, weights: Path, picture: Path) -> None:
    scores = net(np.asarray(Image.open(picture), np.float32).transpose(2, 0, 1)[None] / 255).detach().numpy()[0]
    chances = np.exp(scores) / np.exp(scores).sum()
    found = predict(load_network(weights), picture)
    assert found.notes == ()
    assert [name for name, _ in found.classes] == [f"class {k}" for k in np.argsort(-chances)]
    np.testing.assert_allclose([chance for _, chance in found.classes], np.sort(chances)[::-1], rtol=1e-4)


@pytest.mark.parametrize(
    ("mode", "size", "notes"),
    [
        ("RGBA", (32, 32), ["converted from RGBA to RGB"]),
        ("L", (32, 32), ["converted from L to RGB"]),
        ("P", (8, 40), ["converted from P to RGB", "resized from 40×8 to 32×32 (rows × columns)"]),
        ("RGB", (300, 200), ["resized from 200×300 to 32×32 (rows × columns)"]),
    ],
)
def test_other_pictures_are_made_fit_and_this_is_said(
    weights: Path, tmp_path: Path, mode: str, size: tuple[int, int], notes: list[str]
) -> None:
    Image.new("RGB", size).convert(mode).save(tmp_path / "other.png")
    assert list(predict(load_network(weights), tmp_path / "other.png").notes) == notes


def test_a_bright_digit_is_told(net: Practice, tmp_path: Path) -> None:
    safetensors_file.save(tmp_path / "w", numbers(net), {"classes": json.dumps(list("0123456789")), "data": "digits"})
    Image.new("RGB", (32, 32), "white").save(tmp_path / "white.png")
    assert "white on black" in predict(load_network(tmp_path / "w"), tmp_path / "white.png").notes[0]


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [(None, FileError, "cannot be read"), (b"text", DataError, "cannot identify"), ("cut", DataError, "cut short")],
)
def test_what_is_no_picture(
    weights: Path, picture: Path, tmp_path: Path, content: bytes | str | None, error: type[KnollError], words: str
) -> None:
    path = tmp_path / "broken.png"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else picture.read_bytes()[:400])
    with pytest.raises(error, match=words):
        predict(load_network(weights), path)


def test_weights_that_are_no_numbers(net: Practice, picture: Path, tmp_path: Path) -> None:
    arrays = {name: np.full_like(array, np.nan) for name, array in numbers(net).items()}
    safetensors_file.save(tmp_path / "w", arrays)
    with pytest.raises(DataError, match="not finite numbers"):
        predict(load_network(tmp_path / "w"), picture)


def test_a_run_folder_and_its_checkpoint(net: Practice, weights: Path, tmp_path: Path) -> None:
    assert load_network(tmp_path).classes[3] == "class 3"
    arrays = {**numbers(net), "optimizer.0.exp_avg": np.zeros(3, np.float32)}
    safetensors_file.save(tmp_path / "checkpoint.safetensors", arrays, {"classes": '["a", "b"]'})
    weights.unlink()
    with pytest.raises(StateError, match="size mismatch"):
        load_network(tmp_path)
    (tmp_path / "checkpoint.safetensors").unlink()
    with pytest.raises(FileError, match="holds no weights"):
        load_network(tmp_path)


@pytest.mark.parametrize("rename", [lambda name: name.replace("model1", "model"), lambda name: name[7:]])
def test_other_prefixes_are_matched_and_this_is_said(net: Practice, tmp_path: Path, rename: object) -> None:
    arrays = {rename(name): array for name, array in numbers(net).items()}
    safetensors_file.save(tmp_path / "w", arrays)
    network = load_network(tmp_path / "w")
    for name, array in numbers(net).items():
        np.testing.assert_array_equal(network.module.state_dict()[name].numpy(), array)
    assert "other names for the layers" in network.notes[0]
    assert "CIFAR-10" in network.notes[1]
    assert network.classes[0] == "airplane"


def test_layers_of_equal_shapes_are_not_guessed() -> None:
    own = {"a.weight": (4, 4), "b.weight": (4, 4)}
    assert matching(own, {"x.weight": (4, 4), "y.weight": (4, 4)}) == {}
    assert matching(own, dict(reversed(own.items()))) == {"a.weight": "a.weight", "b.weight": "b.weight"}


def test_another_number_of_classes(tmp_path: Path) -> None:
    safetensors_file.save(tmp_path / "w", numbers(Practice(3)))
    network = load_network(tmp_path / "w")
    assert network.classes == ("0", "1", "2")
    assert "numbered" in network.notes[0]


def test_another_network(tmp_path: Path) -> None:
    safetensors_file.save(tmp_path / "w", {"fc.weight": np.zeros((2, 3), np.float32)})
    with pytest.raises(StateError) as caught:
        load_network(tmp_path / "w")
    assert "Missing key(s)" in str(caught.value)
    assert '"fc.weight"' in str(caught.value)
    assert str(tmp_path / "w") in str(caught.value)


def test_a_file_that_would_run_code(tmp_path: Path) -> None:
    import os
    import pickle
    import zipfile

    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return os.system, (f"touch {tmp_path}/sprung",)

    with zipfile.ZipFile(tmp_path / "trap.pth", "w") as archive:
        archive.writestr("trap/data.pkl", pickle.dumps({"w": Trap()}))
    with pytest.raises((UnsafeFileError, DataError), match=r"system|code"):
        load_network(tmp_path / "trap.pth")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("whole", [False, True])
def test_files_of_pytorch(torch: object, net: Practice, picture: Path, tmp_path: Path, whole: bool) -> None:
    nn = torch.nn
    theirs = nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(2), nn.Conv2d(32, 32, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10),
    ).eval()  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.save(theirs if whole else theirs.state_dict(), tmp_path / "theirs.pth")
    pixels = np.asarray(Image.open(picture), np.float32).transpose(2, 0, 1)[None] / 255
    expected = theirs(torch.tensor(pixels)).softmax(1).detach().numpy()[0]
    found = predict(load_network(tmp_path / "theirs.pth"), picture)
    np.testing.assert_allclose([chance for _, chance in found.classes], np.sort(expected)[::-1], rtol=1e-4)


def test_the_network_that_the_file_names(net: Practice, tmp_path: Path) -> None:
    path = tmp_path / "w"
    as_terms = {"model": "practice", "input_shape": "[1, 40, 24]", "classes": json.dumps(["a", "b"])}
    safetensors_file.save(path, numbers(Practice(2, (1, 40, 24))), as_terms)
    network = load_network(path)
    assert network.module.input_shape == (1, 40, 24)
    assert network.classes == ("a", "b")
    for shape in ("", "[3, 32]", "[3, 32, 1e9]", "3"):
        safetensors_file.save(path, numbers(net), {**as_terms, "input_shape": shape})
        with pytest.raises(DataError, match=re.escape(f"damaged: input_shape={shape!r}")):
            load_network(path)
    safetensors_file.save(path, numbers(net), {**as_terms, "input_shape": "[3, 32, 32]", "model": "practise"})
    with pytest.raises(ArgumentError, match="Unknown model practise"):
        load_network(path)
