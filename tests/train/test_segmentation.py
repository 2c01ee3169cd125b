"""A network that tells the class of every pixel, from folders of pictures and masks to a painted picture."""

from __future__ import annotations

import json
import math
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knoll.cli import main
from knoll.errors import ArgumentError, DataError
from knoll.interop import safetensors_file
from knoll.nn import functional as F
from knoll.tensor import manual_seed
from knoll.train import Configuration, Report, Trainer, Watcher, load_checkpoint, save_checkpoint, source
from knoll.train.balance import median_frequency
from knoll.train.classes_picture import coloured, comparison, palette
from knoll.train.events import EventFile, EventWatcher
from knoll.train.tally import tally
from knoll.vision.models import SegNet, get_model, registry

CAMVID = Path(__file__).parents[3] / "shared" / "data" / "camvid"
NO_CLASS = 9


def scene(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A dark picture of 24 rows and 32 columns with a red and a green rectangle, and its mask; edges have no class."""
    random = np.random.default_rng(seed)
    image, mask = random.integers(0, 60, (24, 32, 3), np.uint8), np.zeros((24, 32), np.uint8)
    for number in (1, 2):
        top, left = random.integers(1, 12), random.integers(1, 16)
        image[top : top + 10, left : left + 12, number - 1] += 150
        mask[top : top + 10, left : left + 12] = number
    mask[[0, -1]] = NO_CLASS
    return image, mask


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    """18 scenes to train on and 5 to test with, the classes named."""
    root = tmp_path / "shapes"
    for part, seeds in (("train", range(18)), ("val", range(100, 105))):
        for folder in (part, f"{part}annot"):
            (root / folder).mkdir(parents=True)
        for seed in seeds:
            image, mask = scene(seed)
            Image.fromarray(image).save(root / part / f"{seed}.png")
            Image.fromarray(mask).save(root / f"{part}annot" / f"{seed}.png")
    (root / "classes.txt").write_text("paper\nred\ngreen\n")
    return root


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's SegNet has two stages of one convolution."""
    small = {"segnet_vgg11": lambda **config: SegNet([8, "M", 16, "M"], **config)}
    monkeypatch.setattr(registry, "MODELS", {**registry.MODELS, **small})


def configured(root: Path, **chosen: Any) -> Configuration:
    return Configuration.recipe(
        "masks", **{"root": str(root), "ignore": NO_CLASS, "epochs": 2, "optimizer": "adamw", "lr": 0.01, **chosen}
    )


def training(configuration: Configuration) -> Trainer:
    manual_seed(configuration.seed)
    images = source(configuration)
    net = get_model(configuration.model, num_classes=len(images.classes), input_shape=images.image_shape)
    return Trainer(net, images, configuration)


class Noting(Watcher):
    def __init__(self) -> None:
        self.reports: list[Report] = []

    def finished_epoch(self, trainer: Trainer, report: Report) -> None:
        self.reports.append(report)


def test_it_learns_most_pixels(shapes: Path) -> None:
    trainer, noting = training(configured(shapes, epochs=12, schedule="constant")), Noting()
    before = trainer.test().accuracy
    trainer.run([noting])
    first, last = noting.reports[0].test.accuracy, noting.reports[-1].test.accuracy
    assert max(before, first) + 0.1 < last
    assert last > 0.8
    report = noting.reports[-1]
    assert report.test.seen == 5
    assert report.test.labels == report.confusion.labelled == 5 * 22 * 32
    assert report.test.correct == report.confusion.correct
    assert report.train.labels == 18 * 22 * 32
    assert 0.5 < report.confusion.mean_iou < report.test.accuracy


def everything(trainer: Trainer) -> list[np.ndarray]:
    state = trainer.optimizer.state_dict()["state"]
    squares = [state[number]["exp_avg_sq"] for number in sorted(state)]
    return [tensor.numpy() for tensor in [*trainer.module.state_dict().values(), *squares]]


@pytest.mark.parametrize("stop_at", [2, 5, 8])
def test_stopped_and_resumed_is_as_if_never_stopped(shapes: Path, tmp_path: Path, stop_at: int) -> None:
    whole = training(configured(shapes, balanced=True))
    whole.run()
    stopped, steps = training(configured(shapes, balanced=True)), count(1)
    assert not stopped.run(stop=lambda: next(steps) == stop_at)
    save_checkpoint(tmp_path / "checkpoint", stopped)
    resumed = training(configured(shapes, balanced=True))
    load_checkpoint(tmp_path / "checkpoint", resumed)
    assert resumed.tally == stopped.tally
    assert resumed.run()
    assert all(np.array_equal(a, b) for a, b in zip(everything(whole), everything(resumed), strict=True))
    assert resumed.test() == whole.test()


def test_pixels_without_a_class_do_not_count() -> None:
    random = np.random.default_rng(0)
    from knoll.tensor import from_numpy

    scores = from_numpy(random.standard_normal((2, 3, 4, 5)).astype(np.float32))
    labels = random.integers(0, 3, (2, 4, 5))
    for ignore in (0, 9):
        labels[0, :2] = ignore
        loss = F.cross_entropy(scores, labels, ignore_index=ignore)
        made = tally(loss, scores, labels, ignore)
        kept = [(n, i, j) for n in range(2) for i in range(4) for j in range(5) if labels[n, i, j] != ignore]
        hits = sum(int(scores.numpy()[n, :, i, j].argmax()) == labels[n, i, j] for n, i, j in kept)
        assert (made.seen, made.labels, made.correct) == (2, len(kept), hits)
        assert made.mean_loss == pytest.approx(loss.item())


def test_rare_classes_count_more_where_that_is_asked_for(shapes: Path) -> None:
    plain, balanced = (training(configured(shapes, balanced=asked)) for asked in (False, True))
    images, labels = next(iter(plain.loader))
    scores = plain.module(images)
    weights = median_frequency(balanced.source.train.masks, 3, NO_CLASS)
    assert weights[0] < min(weights[1:])
    expected = F.cross_entropy(scores, labels, weights, ignore_index=NO_CLASS).item()
    assert balanced.loss(scores, labels).item() == pytest.approx(expected)
    assert abs(plain.loss(scores, labels).item() - expected) > 1e-3


def test_the_other_layouts(shapes: Path, tmp_path: Path) -> None:
    expected = source(configured(shapes))
    for number, names in enumerate((("images/{}", "masks/{}"), ("{}/images", "{}/masks"))):
        root = tmp_path / str(number)
        for part in ("train", "val"):
            for name, old in zip(names, (part, f"{part}annot"), strict=True):
                (root / name.format(part)).parent.mkdir(parents=True, exist_ok=True)
                (root / name.format(part)).symlink_to(shapes / old)
        found = source(configured(root))
        np.testing.assert_array_equal(found.test.images, expected.test.images)
        assert found.classes == ("0", "1", "2")
    with pytest.raises(DataError) as caught:
        source(configured(tmp_path / "nowhere"))
    for word in ("pictures and masks for train", "nowhere", "train + trainannot, images/train + masks/train"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("data", "chosen", "words"),
    [
        ("masks", {"model": "practice"}, ["model 'practice'", "segnet_vgg11, segnet_vgg16, unet"]),
        ("folder", {"model": "unet"}, ["model 'unet'"]),
        ("masks", {"root": None}, ["masks", "--root", "trainannot"]),
        ("masks", {"size": "180"}, ["size", "180x240", "got: 180"]),
        ("masks", {"size": "0x9"}, ["got: 0x9"]),
        ("masks", {"ignore": -1}, ["ignore", "0 or more"]),
        ("digits", {"size": "8x8"}, ["digits", "size", "folder, masks"]),
        ("folder", {"balanced": True}, ["folder", "balanced", "masks"]),
    ],
)
def test_what_no_training_can_use(data: str, chosen: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ArgumentError) as caught:
        Configuration.recipe(data, **{"root": "x", **chosen})
    for word in words:
        assert word in str(caught.value)


def test_the_configuration_as_text(shapes: Path) -> None:
    configuration = configured(shapes, size="12x16", balanced=True)
    assert Configuration.from_json(configuration.to_json()) == configuration
    recipe = Configuration.recipe("masks", root="x")
    assert (recipe.model, recipe.optimizer, recipe.lr, recipe.momentum) == ("segnet_vgg11", "sgd", 0.05, 0.9)
    other = Configuration.recipe("masks", root="x", optimizer="adamw")
    assert (other.model, other.lr, other.batch_size, other.epochs) == ("segnet_vgg11", 0.001, 4, 30)


def test_folders_of_pictures_have_a_size_too(pictures: Path) -> None:
    assert source(Configuration.recipe("folder", root=str(pictures), size="16x24")).image_shape == (3, 16, 24)


def test_the_command_trains_resumes_and_paints(
    shapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begin = f"train --data masks --root {shapes} --size 12x16 --ignore {NO_CLASS} --lr 0.01 --epochs".split()
    assert main([*begin, "4", "--out", "run"]) == 0
    shown = capsys.readouterr().out
    for words in ("18 images to train on, 5 to test with", "epoch 4/4", "mean IoU", "labelled pixels", "  paper  "):
        assert words in shown
    assert "knoll predict run run/example.png --truth run/example_mask.png" in shown
    assert json.loads(Path("run/configuration.json").read_text())["size"] == "12x16"
    metadata = safetensors_file.load(Path("run/weights.safetensors"))[1]
    assert (metadata["model"], metadata["ignore"]) == ("segnet_vgg11", str(NO_CLASS))

    assert main(["predict", "run", "run/example.png", "--truth", "run/example_mask.png"]) == 0
    shown = capsys.readouterr().out
    for words in ("of the labelled pixels", "intersection over union: mean", "  red ", "run/example.classes.png"):
        assert words in shown
    with Image.open("run/example.classes.png") as picture:
        assert picture.width == 4 * 8 + 3 * 240
        colours = {colour for _, colour in picture.getcolors(1 << 16)}
    assert {tuple(colour) for colour in palette(3).tolist()} | {(0, 0, 0)} <= colours


def test_pictures_of_other_sizes_and_folders_of_masks(
    shapes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    train = f"train --data masks --root {shapes} --size 12x16 --ignore {NO_CLASS} --epochs 1 --out run"
    assert main(train.split()) == 0
    picture, masks = str(shapes / "val" / "101.png"), str(shapes / "valannot")
    capsys.readouterr()
    assert main(["predict", "run/weights.safetensors", picture, "--out", "."]) == 0
    shown = capsys.readouterr().out
    assert "note: resized from 24×32 to 12×16 (rows × columns)" in shown
    assert "intersection" not in shown
    assert sum(float(line.split()[1][:-1]) for line in shown.splitlines()[2:-1]) == pytest.approx(100, abs=0.2)
    with Image.open("101.classes.png") as painted:
        assert painted.width == 3 * 8 + 2 * 240
    assert main(["predict", "run", picture, "--truth", masks]) == 0
    assert "intersection" in capsys.readouterr().out
    Image.new("RGB", (9, 9)).save("other.png")
    assert main(["predict", "run", "other.png", "--truth", masks]) == 1
    assert "no mask in" in capsys.readouterr().err
    assert main(["predict", "run", "other.png", "--truth", f"{masks}/101.png"]) == 1
    assert "another size than its picture" in capsys.readouterr().err


def test_events_show_the_classes_and_the_mean_iou(shapes: Path, tmp_path: Path) -> None:
    trainer = training(configured(shapes, epochs=1))
    file = EventFile(tmp_path, 0)
    scalars: dict[str, float] = {}
    images: dict[str, Image.Image] = {}
    file.scalar = lambda tag, value, _: scalars.update({tag: value})
    file.image = lambda tag, image, _: images.update({tag: image})
    noting = Noting()
    trainer.run([noting, EventWatcher(file, trainer, trainer.source.image_shape)])
    file.close()
    assert scalars["mean IoU/test"] == noting.reports[0].confusion.mean_iou
    assert scalars["accuracy/test"] == noting.reports[0].test.accuracy
    assert images["classes"].width == 4 * 8 + 3 * 256
    assert "feature maps/decoder.0 MaxUnpool2d" in images


def test_colours_of_many_classes_differ() -> None:
    colours = palette(60)
    assert len({tuple(colour) for colour in colours.tolist()}) == 60
    painted = coloured(np.array([[0, 59, 60, 255, 3]]), 60, ignore=3)
    np.testing.assert_array_equal(painted[0, :2], colours[[0, 59]])
    assert painted[0, 2:].max() == 0


def test_a_long_legend_has_several_lines() -> None:
    pixels = np.zeros((240, 240, 3), np.uint8)
    names = [f"class number {k}" for k in range(30)] + ["道路"]
    short, long = (comparison([("a", pixels)], names, range(shown)) for shown in (1, 31))
    assert short.width == long.width
    per_line = math.floor(256 / 100)
    assert long.height - short.height >= (30 // per_line - 1) * 18


@pytest.mark.skipif(not CAMVID.is_dir(), reason="CamVid is not there")
def test_a_step_on_camvid() -> None:
    configuration = configured(CAMVID, size="48x64", ignore=11)
    trainer = training(configuration)
    assert len(trainer.source.classes) == 11
    assert (len(trainer.source.train), len(trainer.source.test)) == (92, 26)
    assert not trainer.run(stop=lambda: True)
    assert trainer.step == 1
    assert 0.5 < trainer.tally.labels / (4 * 48 * 64) <= 1
    assert math.isfinite(trainer.tally.mean_loss)
