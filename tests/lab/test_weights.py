"""Files of weights that are given to the page: read as data, for the network that they are of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.lab.client import reached

import knoll
from knoll import nn
from knoll.errors import KnollError
from knoll.interop import safetensors_file
from knoll.lab.layer_input import PICTURES
from knoll.lab.resources import Resources
from knoll.lab.weights import KEPT, WeightFiles
from knoll.vision.models import practice

TEXT = "Sequential(Conv2d(3, 2, 3), ReLU())"


def saved(tmp_path: Path, module: nn.Module, metadata: dict[str, str] | None = None) -> bytes:
    path = tmp_path / "weights"
    arrays = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    safetensors_file.save(path, arrays, metadata or {})
    return path.read_bytes()


def test_weights_are_put_into_the_network_that_is_shown(tmp_path: Path) -> None:
    resources, net = Resources(), nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU())
    client = reached(resources)
    found = client.post("/weights", content=saved(tmp_path, net)).json()
    shown = client.get("/view/network", params={"net": TEXT, **found})
    assert "The weights come from a file." in shown.json()["html"]
    way = resources.walks.walk(TEXT, PICTURES["mound"](), 32, found["weights"])
    np.testing.assert_array_equal(way.chosen.module.state_dict()["0.weight"].numpy(), net[0].weight.detach().numpy())
    other = client.get("/view/network", params={"net": "Conv2d(3, 5, 3)", **found})
    assert other.status_code == 400
    assert "0.weight" in other.json()["error"]


def test_the_network_of_the_person_keeps_its_own(tmp_path: Path) -> None:
    own = nn.Conv2d(3, 2, 3)
    before = own.weight.detach().numpy().copy()
    client = reached(Resources(network=own))
    found = client.post("/weights", content=saved(tmp_path, nn.Conv2d(3, 2, 3))).json()
    assert client.get("/view/network", params=found).status_code == 200
    np.testing.assert_array_equal(own.weight.detach().numpy(), before)


def test_a_file_that_says_its_network_is_a_network(tmp_path: Path) -> None:
    metadata = {"model": "practice", "input_shape": "[3, 32, 32]", "classes": '["cat", "dog"]'}
    client = reached()
    found = client.post("/weights", content=saved(tmp_path, practice(2), metadata)).json()
    assert found["net"].startswith("weights:")
    html = client.get("/view/network", params={**found, "at": "8"}).json()["html"]
    assert "0 cat" in html
    assert "network of a file of weights" in html


def test_a_file_that_asks_for_a_huge_network_is_none(tmp_path: Path) -> None:
    metadata = {"model": "practice", "input_shape": "[1, 2800, 2800]"}
    name, is_whole = WeightFiles().add(saved(tmp_path, nn.Linear(2, 2), metadata))
    assert name
    assert not is_whole


@pytest.mark.parametrize("content", [b"", b"no weights at all", b"GIF89a" + bytes(99), b"\x80\x02cos\nsystem\n."])
def test_what_holds_no_weights_is_refused(content: bytes) -> None:
    answer = reached().post("/weights", content=content)
    assert answer.status_code == 400
    assert "knoll-lab-" not in answer.json()["error"]


def test_files_of_pytorch_are_read_as_data(tmp_path: Path) -> None:
    knoll.save(nn.Conv2d(3, 2, 3).state_dict(), tmp_path / "net.pth")
    answer = reached().post("/weights", content=(tmp_path / "net.pth").read_bytes())
    assert answer.json()["weights"]


def test_few_files_are_kept_and_none_lies_elsewhere(tmp_path: Path) -> None:
    files = WeightFiles()
    names = [files.add(saved(tmp_path, nn.Linear(1, size)))[0] for size in range(1, KEPT + 2)]
    folder = files.path(names[-1]).parent
    assert len([*folder.iterdir()]) == KEPT
    for name in (names[0], "../secret", "", "x"):
        with pytest.raises(KnollError, match="no longer kept"):
            files.path(name)
