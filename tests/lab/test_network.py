"""The walk through a network: its numbers are the network's, its windows are what the numbers depend on."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tests.lab.client import reached

from knoll import nn
from knoll.errors import ArgumentError, EntryError, KnollError
from knoll.graph import Array
from knoll.lab.chosen_network import MOST_PARAMETERS, _constructed, check_pass, named_models, network_named, run_names
from knoll.lab.layer_input import PICTURES
from knoll.lab.numbers import check_parameters
from knoll.lab.resources import Resources
from knoll.lab.setting import Setting
from knoll.lab.views.network import NetworkView, network_view
from knoll.lab.walk import Stop, Walk, seen, walk
from knoll.lab.walk_cache import KEPT, Walks
from knoll.messages import LANGUAGES, sentence, speaking
from knoll.nn.init.skip import skip_init
from knoll.run.progress_line import ProgressLine
from knoll.tensor import Tensor, no_grad
from knoll.views.activations import outputs_of
from knoll.vision.models import get_model, list_models

SMALL = "Sequential(Conv2d(3, 4, 3, stride=2), BatchNorm2d(4), ReLU(), MaxPool2d(3), Flatten(), LazyLinear(12))"


def way_of(text: str, size: int = 32) -> Walk:
    return walk(network_named(text, None, None), PICTURES["mound"](), size)


def shown(resources: Resources | None = None, **options: str) -> NetworkView:
    return network_view(Setting.of(options), resources or Resources())


@pytest.mark.parametrize("text", ["practice", "lenet", SMALL])
def test_the_last_layer_gives_what_the_network_gives(text: str) -> None:
    way = way_of(text)
    with no_grad():
        result = way.chosen.module.eval()(Tensor._over(way.given.array)).numpy()
    np.testing.assert_allclose(way.stops[-1].numbers.reshape(-1), result.reshape(-1), rtol=1e-5, atol=1e-6)
    assert [stop.line.name for stop in way.stops] == [call.name for call in way.trace.layers]
    assert way.stops[0].line.inputs == (way.shape,)


DILATED = "Sequential(Conv2d(3, 2, 3, dilation=2, padding=3), AvgPool2d(2), Flatten())"


@pytest.mark.parametrize("text", ["practice", SMALL, DILATED])
def test_a_number_depends_on_the_pixels_that_are_told(text: str) -> None:
    """A change of all others changes nothing; a change of those changes the number, but for one that never wins."""
    way = way_of(text, 16)
    rng = np.random.default_rng(0)
    for at, stop in enumerate(way.stops):
        c, row, column = (int(rng.integers(size)) for size in stop.numbers.shape)
        found = seen(way, at, (c, row, column))
        others, those = way.given.array.copy(), way.given.array.copy()
        others[:, :, ~found.pixels] = rng.random(others[:, :, ~found.pixels].shape)
        those[:, :, found.pixels] = 5 * rng.random(those[:, :, found.pixels].shape)
        same, other = (numbers_at(way, at, array)[c, row, column] for array in (others, those))
        scale = 1e-5 * max(stop.largest, 1.0)  # Winograd's algorithm adds and takes away what lies beside the window
        assert abs(same - stop.numbers[c, row, column]) < scale
        if isinstance(stop.module, nn.Conv2d | nn.Linear):
            assert abs(other - stop.numbers[c, row, column]) > scale


def numbers_at(way: Walk, at: int, array: Array) -> Array:
    """What a layer makes of another picture."""
    (_, numbers), *_ = outputs_of(way.chosen.module, [way.calls[at]], Tensor._over(array))
    return numbers.reshape(way.stops[at].numbers.shape)


def test_a_window_at_the_edge_reaches_into_the_padding() -> None:
    way = way_of("practice")
    corner, middle = (seen(way, 0, (0, place, place)) for place in (0, 16))
    assert (corner.rows, corner.columns, corner.count) == ((0, 2), (0, 2), 9)
    assert (corner.rows_outside, corner.columns_outside) == (2, 2)
    assert (middle.count, middle.rows_outside) == (25, 0)


def test_numbers_are_the_same_every_time() -> None:
    first, second = (way_of("practice").stops[-1].numbers for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_layer_is_opened_at_a_number(language: str) -> None:
    with speaking("zh" if language == "zh" else "en"):
        found = shown(at="4", place="7,1,2")
    assert (found.at, found.place, found.layers) == (4, (7, 1, 2), 9)
    assert (found.parameters, found.multiply_adds) == (145578, 12354176)
    assert 'aria-pressed="true"' in found.html
    assert "<script" not in found.html
    words = {"en": "Channel 7, row 1, column 2 is", "zh": "通道 7 第 1 行第 2 列的值是"}
    assert words[language] in found.html


def test_each_layer_of_every_network_can_be_opened() -> None:
    resources = Resources()
    for net in ("practice", SMALL):
        for at in range(shown(resources, net=net).layers):
            found = shown(resources, net=net, at=str(at))
            assert found.at == at
            assert re.search(r'id="layer-\d+"[^>]*aria-current="step"', found.html)


def test_what_lies_beyond_is_the_last() -> None:
    found = shown(at="99999", place="0,0,999999")
    assert (found.at, found.place) == (8, (0, 0, 9))


@pytest.mark.parametrize(("options", "words"), [({"at": "-1"}, "at"), ({"at": "x"}, "at"), ({"place": "1,2"}, "place")])
def test_what_is_no_place_is_refused(options: dict[str, str], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        shown(**options)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("vgg16", "parameters"),
        ("Sequential(Flatten(), Linear(3072, 100000))", "parameters"),
        ("Sequential(*[ReLU()] * 3)", "nothing is computed"),
        ("__import__('os')", "__import__"),
        ("resnet81", "resnet18"),
        ("own", "own"),
        ("run:..", "no run"),
        ("run:/etc", "no run"),
    ],
)
def test_what_is_no_network_is_refused(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(KnollError) as caught:
        network_named(text, None, tmp_path)
    assert re.search(told, str(caught.value))


def test_the_networks_that_are_offered_are_those_that_are_not_too_large() -> None:
    for name in list_models():
        with skip_init():
            module = get_model(name) if name not in named_models() else _constructed(name)
            try:
                check_parameters(module, MOST_PARAMETERS)
                check_pass(module, (1, *module.input_shape))
            except ArgumentError:
                assert name not in named_models()
            else:
                assert name in named_models()


def test_a_pass_that_would_take_too_much_is_refused() -> None:
    with pytest.raises(ArgumentError, match="multiply-adds"):
        check_pass(nn.Conv2d(3, 4096, 31, padding=15), (1, 3, 64, 64))
    with pytest.raises(ArgumentError, match="at most"):
        check_pass(nn.Upsample(scale_factor=100), (1, 3, 64, 64))


def test_a_network_that_does_not_fit_says_what_to_write() -> None:
    with pytest.raises(KnollError, match="in_features=13456"):
        shown(net="Sequential(Conv2d(3, 16, 4), Flatten(), Linear(10, 2))")


def test_the_network_of_the_person_is_shown_first() -> None:
    own = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
    found = shown(Resources(network=own))
    assert found.layers == 2
    assert 'value="own" selected' in found.html


class Uncalled(nn.Module):
    """A network that calls none of its layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return 2 * x


def test_a_network_that_calls_no_layer_is_told() -> None:
    with pytest.raises(ArgumentError, match="calls no layer"):
        shown(Resources(network=Uncalled()))


class Faulty(nn.Module):
    """A network with a fault of Python's kind."""

    def forward(self, x: Tensor) -> Tensor:
        return x.nothing_like_it


def test_the_fault_of_a_network_of_the_person_is_told() -> None:
    with pytest.raises(KnollError, match="nothing_like_it"):
        shown(Resources(network=Faulty()))


class Own(nn.Module):
    """A network whose `forward` is the person's own, with a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 3, 3, padding=1)
        self.scores = nn.LazyLinear(4)

    def forward(self, x: Tensor) -> Tensor:
        return self.scores((x + self.first(x)).flatten(1))


def test_a_forward_of_the_person_is_walked_through() -> None:
    resources = Resources(network=Own())
    found = shown(resources, at="1", size="8")
    assert found.layers == 2
    assert "It depends on the whole picture." in found.html


def test_names_that_were_typed_stay_text() -> None:
    with pytest.raises(KnollError, match="<img"):
        shown(net="<img src=x onerror=alert(1)>")
    found = shown(net='Sequential(Conv2d(3, 2, 3, padding_mode="zeros"))')
    assert "padding_mode=&quot;zeros&quot;" in found.html


def test_only_folders_that_stand_in_the_folder_of_runs_are_runs(tmp_path: Path) -> None:
    inside, outside = tmp_path / "runs", tmp_path / "outside"
    for folder in (inside / "one", outside):
        folder.mkdir(parents=True)
    (inside / "link").symlink_to(outside)
    (inside / "file").touch()
    assert run_names(inside) == ["one"]
    assert run_names(tmp_path / "nowhere") == run_names(None) == []
    with pytest.raises(EntryError, match="no run link"):
        network_named("run:link", None, inside)


def test_few_walks_are_kept() -> None:
    walks, pixels = Walks(), PICTURES["mound"]()
    first = walks.walk("lenet", pixels, 32)
    assert walks.walk("lenet", pixels, 32) is first
    for channels in range(1, KEPT + 1):
        walks.walk(f"Conv2d(3, {channels}, 3)", pixels, 8)
    assert walks.walk("lenet", pixels, 32) is not first


def test_channels_that_are_dead_are_told() -> None:
    way = way_of("Sequential(Conv2d(3, 4, 3), Threshold(1e9, 0.0))")
    stops: tuple[Stop, ...] = way.stops
    assert [stop.dead for stop in stops] == [0, 4]
    assert "channels that are all zeros" in shown(net="Sequential(Conv2d(3, 4, 3), Threshold(1e9, 0.0))", at="1").html


def test_what_is_being_done_is_told_while_it_is_done() -> None:
    resources, told = Resources(), []

    class Listening(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            told.append(resources.progress.words)
            return x * 2

    client = reached(resources)
    assert client.get("/progress").json() == {"words": ""}
    Walks(nn.Sequential(Listening()), progress=resources.progress).walk("own", PICTURES["mound"](), 8)
    assert sentence("lab_network.following").text("en") in told
    with resources.progress.doing(sentence("lab_network.making")), ProgressLine(lambda done: f"{done} / 2") as line:
        assert client.get("/progress", params={"language": "zh"}).json() == {"words": "正在建立网络和权重"}
        line.counting(abs)(-1)
        assert client.get("/progress").json() == {"words": "1 / 2"}
    assert client.get("/progress").json() == {"words": ""}
