"""The benchmarks' structure: who takes part, what is compared, how it is written. Nothing is timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks import kernel, peak, report
from benchmarks.__main__ import main
from benchmarks.cases import CASES, cases_named, eager, networks
from benchmarks.cases.case import rows_of
from benchmarks.cases.convolution import SHAPES, Shape, rates
from benchmarks.cases.fresh_process import (
    COMPILING,
    Start,
    Starts,
    compiling_row,
    first_row,
    started,
    training_row,
)
from benchmarks.curves import GAP, Curves, draw, label_heights
from benchmarks.folded import folded
from benchmarks.layers import (
    Add,
    BatchNorm,
    Convolution,
    Flatten,
    Linear,
    MaxPool,
    MeanPool,
    Relu,
    Tanh,
)
from benchmarks.learning import Images, accuracy, batches, read_images
from benchmarks.models import features_named, network_named, network_of
from benchmarks.modules import module_of
from benchmarks.network import Network, Task, one_convolution, practice, task
from benchmarks.processes import Contestant, Failed
from benchmarks.race import Timing, largest_difference, race
from benchmarks.rivals import FILES, RIVALS, ncnn, rival_named
from benchmarks.rivals.rival import Call, Rival
from benchmarks.table import RIVAL, Column, Table
from benchmarks.whole_networks import PRACTICE, TRAINING, whole_network
from rich.console import Console

import knoll
from knoll import cli, nn
from knoll.errors import ArgumentError, DataError, UnsupportedError
from knoll.machine import host
from knoll.messages import catalogue, say
from knoll.vision.models import get_model
from knoll.vision.models.segnet import SegNet

ROOT = Path(__file__).parents[1]
FACTS = report.Facts("a processor", "x86-64-v3", 2, "2030-01-02", {"knoll": "0.1.0"}, {})


# Rivals


def test_every_rival_has_a_name_of_its_own_and_a_file() -> None:
    assert len({rival.name for rival in RIVALS}) == len(RIVALS)
    files = {path.stem for path in (ROOT / "benchmarks" / "rivals").glob("*.py")}
    assert set(FILES) == files - {"__init__", "rival", "torch_modules"}
    assert RIVALS[0].is_knoll, "the first is what the others are compared with"
    assert rival_named("ncnn").modules == ("ncnn",)


def test_naming_the_rivals_loads_none_of_them() -> None:
    libraries = {"torch", "onnx", "onnxruntime", "openvino", "ncnn"}
    code = f"import sys, benchmarks.cases; print(*{libraries} & set(sys.modules))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_what_is_not_installed_is_named() -> None:
    assert Rival("nobody", ("numpy", "no_such_library.part"), silent).missing == ["no_such_library.part"]


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_every_rival_gives_the_networks_results(rival: Rival) -> None:
    if rival.missing:
        pytest.skip(f"{rival.name} is not installed")
    if rival.name.startswith("torch.compile"):
        pytest.skip("takes a C++ compiler and a minute")
    work = task(practice(), 2, threads=1)
    truth = np.asarray(reference(work))
    with Contestant(rival.name, rival.infer, work) as contestant:
        assert largest_difference(contestant.results(1)[0], truth) < 1e-4


def reference(work: Task) -> Any:
    """The practice network in plain NumPy."""
    from knoll.ops.convolution.conv import conv2d
    from knoll.ops.linear_algebra.linear import linear
    from knoll.ops.pooling.max_pool import max_pool2d

    x, arrays = work.x, work.network.arrays()
    for place in (0, 2, 4):
        slide: Any = {"stride": (1, 1), "padding": ((2, 2), (2, 2)), "dilation": (1, 1), "groups": 1}
        x = conv2d.meaning(x, *arrays[place : place + 2], **slide)[0]
        pool: Any = {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1), "ceil": False}
        x = max_pool2d.meaning(x, **pool)[0]
    x = x.reshape(len(x), -1)
    for place in (6, 8):
        x = linear.meaning(x, *arrays[place : place + 2])[0]
    return x


def test_learners_lose_what_pytorch_loses() -> None:
    learners = [rival for rival in RIVALS if rival.learn and not rival.missing and "compile" not in rival.name]
    work = task(practice(), 8, threads=1)
    losses = []
    for rival in learners:
        with Contestant(rival.name, rival.train, work) as contestant:
            losses.append(contestant.results(3)[:, 0])
    assert losses[0][2] < losses[0][0]
    for other in losses[1:]:
        np.testing.assert_allclose(other, losses[0], rtol=1e-4)


def test_the_network_is_the_practice_network() -> None:
    network = practice(seed=3)
    assert sum(a.size for a in network.arrays()) == 145_578
    assert all(a.dtype == np.float32 for a in network.arrays())
    same, other = practice(seed=3).arrays()[0], practice(seed=4).arrays()[0]
    np.testing.assert_array_equal(network.arrays()[0], same)
    assert (same != other).any()


def test_the_onnx_model_is_legal() -> None:
    onnx = pytest.importorskip("onnx")
    from benchmarks.onnx_model import model_of

    model = model_of(practice(), 5)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    assert [d.dim_value for d in inferred.graph.output[0].type.tensor_type.shape.dim] == [5, 10]


def test_ncnns_files_hold_all_layers_and_arrays() -> None:
    network = practice()
    lines = ncnn.layer_list(network).splitlines()
    assert lines[:3] == ["7767517", "10 10", "Input x 0 1 x"]
    assert lines[3] == "Convolution Convolution0 1 1 x 0 0=32 1=5 11=5 2=1 12=1 3=1 13=1 4=2 14=2 5=1 6=2400"
    assert lines[-1] == "InnerProduct InnerProduct8 1 1 7 y 0=10 1=1 2=640"
    assert len(ncnn.weights(network)) == 4 * (145_578 + 5)


# Networks with branches


def branching() -> Network:
    """Every kind of layer, and results that are read twice."""
    random = np.random.default_rng(0)

    def numbers(*shape: int) -> np.ndarray:
        return (random.uniform(0.5, 1.5, shape) / np.prod(shape[1:])).astype(np.float32)

    def norm(channels: int) -> BatchNorm:
        return BatchNorm(*(numbers(channels) for _ in range(4)), epsilon=1e-5)

    layers = (
        Convolution(numbers(8, 3, 3, 3), None, 1, stride=2),
        norm(8),
        Relu(),
        MaxPool(3, 2, 1),
        Convolution(numbers(8, 1, 3, 3), numbers(8), 1, groups=8),
        norm(8),
        Relu(1.0),
        Add(),
        norm(8),
        MeanPool(2),
        Tanh(),
        Add(),
        MeanPool(),
        Flatten(),
        Linear(numbers(5, 8), numbers(5)),
    )
    reads = tuple((place - 1,) for place in range(len(layers)))
    return Network(layers, (3, 20, 20), (*reads[:7], (6, 3), *reads[8:11], (10, 9), *reads[12:]))


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_every_rival_knows_every_layer(rival: Rival) -> None:
    if rival.missing:
        pytest.skip(f"{rival.name} is not installed")
    if rival.name.startswith("torch.compile"):
        pytest.skip("takes a C++ compiler and a minute")
    work = task(branching(), 2, threads=1)
    truth = module_of(work.network, nn, knoll.tensor).eval()(work.x).detach().numpy()
    assert np.ptp(truth) > 0.01
    with Contestant(rival.name, rival.infer, work) as contestant:
        assert largest_difference(contestant.results(1)[0], truth) < 1e-5


def test_results_are_let_go_when_nobody_reads_them() -> None:
    network = branching()
    assert network.spent[6:13] == ((5,), (6, 3), (7,), (8,), (), (10, 9), (11,))
    assert not network.is_chain
    assert practice().is_chain


def shaped(model: nn.Module, *shape: int) -> nn.Module:
    model.input_shape = shape
    return model


UNPOOLING = ("Knoll, net(x)", "Knoll, knoll.compile(net, x)", "PyTorch", "ONNX Runtime")


@pytest.mark.parametrize("name", UNPOOLING)
def test_unpooling_puts_values_where_its_pooling_found_them(name: str) -> None:
    rival = rival_named(name)
    if rival.missing:
        pytest.skip(f"{rival.name} is not installed")
    model = SegNet([4, "M", 8, "M"], 11, (3, 16, 24)).eval()
    work = task(network_of(model), 2, threads=1)
    assert work.labels.shape == (2, 16, 24), "every pixel has a class"
    with Contestant(rival.name, rival.infer, work) as contestant:
        assert largest_difference(contestant.results(1)[0], model(work.x).detach().numpy()) < 1e-5


def test_whole_networks_have_names_of_their_own_and_are_made_when_needed() -> None:
    assert len({network.name for network in TRAINING}) == len(TRAINING)
    assert all(whole_network(network.name) is network for network in (PRACTICE, *TRAINING))
    with pytest.raises(ArgumentError, match="named LeNet"):
        whole_network("LeNet")
    vgg = features_named("vgg11_bn", (32, 32))
    assert vgg.layers[-1].state()["weight"].shape == (10, 512)
    assert vgg.image == (3, 32, 32)


def test_a_folded_network_has_no_norm_after_a_convolution() -> None:
    network = branching()
    small = folded(network)
    kinds = [type(layer).__name__ for layer in small.layers]
    assert kinds.count("BatchNorm") == 1
    assert len(kinds) == len(network.layers) - 2
    x = task(network, 2, threads=1).x
    ours, theirs = (module_of(each, nn, knoll.tensor).eval()(x).detach().numpy() for each in (network, small))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("name", ["lenet", "resnet18", "mobilenet_v1_025", "mobilenet_v2"])
def test_a_model_becomes_the_same_network(name: str) -> None:
    model = get_model(name, num_classes=7, input_shape=(3, 32, 32)).eval()
    x = np.random.default_rng(0).standard_normal((2, 3, 32, 32)).astype(np.float32)
    network = network_of(model)
    np.testing.assert_allclose(
        module_of(network, nn, knoll.tensor).eval()(x).detach().numpy(), model(x).detach().numpy(), rtol=1e-4, atol=1e-5
    )


def test_networks_by_name() -> None:
    network = network_named("mobilenet_v1_025")
    assert network.image == (3, 32, 32)
    assert sum(a.size for a in network.arrays() if a.dtype == np.float32) > 215_642
    assert np.array_equal(network.arrays()[0], network_named("mobilenet_v1_025").arrays()[0])
    assert network_named("practice").is_chain
    with pytest.raises(UnsupportedError, match="cannot give a layer glu"):
        network_of(shaped(nn.GLU(1), 4, 8, 8))


# Kernel and peak


@pytest.mark.parametrize("n", [1, 6])
def test_the_bare_kernel_convolves(n: int) -> None:
    from knoll.ops.convolution.conv import conv2d

    work = task(one_convolution(32, 64, 3, 10), n, threads=1)
    slide: Any = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
    truth = conv2d.meaning(work.x, *work.network.arrays(), **slide)[0]
    with Contestant("kernel", kernel.BareKernel, work) as contestant:
        assert largest_difference(contestant.results(1)[0], truth) < 1e-4


def test_the_peak_loop_is_multiply_adds_on_registers() -> None:
    from knoll.llvm.compile import assembly

    text = assembly(peak.multiply_adds_alone(host()).text(), host())
    lines = text.splitlines()
    jump = next(
        i for i, line in enumerate(lines) if line.split()[:1] and line.split()[0].startswith("j") and ".LBB" in line
    )
    assert jump, "a loop"
    if host().fused and host().x86:
        adds = [line for line in lines if "vfmadd" in line]
        assert len(adds) == peak.SUMS
        assert not any("(" in line for line in adds), "no operand in memory"


def test_operations_of_a_convolution() -> None:
    assert Shape(1, 64, 64, 3, 56).operations == 2 * 64 * 64 * 9 * 56 * 56
    assert [shape.name for shape in SHAPES][2] == "convolution-32-32-5x5-16"


def test_rates_are_shares_of_the_peak() -> None:
    work = peak.operations(host())
    top = Timing("peak", (2.0, 1.0, 3.0), 0.0)
    found = rates(Timing("Knoll", (4.0, 2.0, 9.0), 0.0), work, top)
    assert found == {"rate": work / 4, "share": 0.5, "share_best": 0.5}
    assert rates(top, work, top)["share"] == 1.0
    assert rates(top, work, None) == {"rate": work / 2}


# Races


def silent(_: Task) -> Call:
    """An entrant that does nothing, quickly."""
    return lambda: np.zeros(3)


def wrong(_: Task) -> Call:
    """An entrant with other results."""
    return lambda: np.array([0.0, 0.0, 0.5])


def broken(_: Task) -> Call:
    """An entrant that cannot be prepared."""
    raise ValueError("no such kernel\nand a long story")


def dying(_: Task) -> Call:
    """An entrant that takes its process with it."""
    os._exit(3)


WORK = task(practice(), 1, threads=1)


def test_a_race_names_those_that_fail() -> None:
    said: list[str] = []
    found = race({"Knoll": silent, "a": broken, "b": dying, "c": silent}, WORK, 1, said.append)
    assert [timing.rival for timing in found.timings] == ["Knoll", "c"]
    assert found.failed == {"a": "ValueError: no such kernel", "b": "exit 3"}
    assert all(len(timing.seconds) >= 1 and timing.minimum <= timing.median for timing in found.timings)
    assert said[-1] == say("bench.round", number=1, rounds=1)


def test_other_results_are_not_timed() -> None:
    with pytest.raises(DataError, match="does not give the same results as Knoll") as caught:
        race({"Knoll": silent, "other": wrong}, WORK, 1, lambda _: None)
    assert "got: 0.5" in str(caught.value)


def test_who_races_alone_is_not_compared() -> None:
    found = race({"Knoll": silent, "peak": wrong}, WORK, 1, lambda _: None, alone=["peak"])
    assert [timing.rival for timing in found.timings] == ["Knoll", "peak"]


def test_without_knoll_there_is_nothing_to_compare() -> None:
    with pytest.raises(DataError, match=r"Knoll did not take part \(ValueError: no such kernel\)"):
        race({"Knoll": broken, "other": silent}, WORK, 1, lambda _: None)


def test_results_of_another_size_differ() -> None:
    assert largest_difference(np.zeros(3), np.zeros(4)) == np.inf
    assert largest_difference(np.array([np.nan]), np.zeros(1)) != 0


def test_a_maximum_that_moved_is_told_from_another_result() -> None:
    truth = np.random.default_rng(0).standard_normal((2, 3, 20, 20))
    moved = truth.copy()
    moved[0, 0, :3, :3] += 1
    networks.check_results(moved, truth, unpools=True)
    networks.check_results(truth * (1 + 1e-4), truth, unpools=False)
    for other, unpools in ((moved, False), (np.roll(truth, 1, -1), True), (truth[:1], True), (truth * np.nan, True)):
        with pytest.raises(Failed, match="its results differ"):
            networks.check_results(other, truth, unpools)


def test_speed_is_told_from_the_best_rival() -> None:
    timings = [Timing("Knoll", (1.0, 2.0, 4.0), 0.0), Timing("a", (3.0,), 1e-6), Timing("b", (6.0,), 0.0)]
    rows = rows_of(timings, {"Knoll"})
    assert [row["speed"] for row in rows] == [1.5, 1.0, 0.5]
    assert rows[0] == {"rival": "Knoll", "median": 2.0, "minimum": 1.0, "speed": 1.5, "difference": 0.0, "calls": 3}
    assert rows_of(timings[:1], {"Knoll"})[0]["speed"] is None


# Fresh processes


def test_a_fresh_process_that_fails_says_why(tmp_path: Path) -> None:
    absent = replace(RIVALS[0], name="nobody")
    with pytest.raises(Failed, match="StopIteration"):
        started("infer", absent, 1, str(tmp_path))


def test_a_fresh_process_tells_time_and_memory(tmp_path: Path) -> None:
    start = started("infer", RIVALS[0], 1, str(tmp_path))
    assert start.begun > start.first > start.later > 0
    assert start.memory >= start.imported > 1e6
    assert any(tmp_path.iterdir()), "the code that was compiled is kept where it was told"


def test_rows_of_fresh_processes() -> None:
    starts = Starts(Start(9.0, 5.0, 0.5, 100, 400), (Start(2.0, 1.0, 0.4, 110, 300), Start(3.0, 1.5, 0.4, 120, 320)))
    assert first_row("Knoll", starts) == {"rival": "Knoll", "nothing": 9.0, "warm": 2.5, "warm_best": 2.0}
    row = training_row("Knoll", starts)
    assert (row["first"], row["once"], row["first_warm"]) == (5.0, 4.5, 1.25)
    assert (row["memory_nothing"], row["memory"], row["imported"], row["beyond"]) == (400, 310, 115, 195)


def test_first_steps_stand_beside_pytorchs() -> None:
    nothing, cached, torch = (Start(9, first, 0.25, 1, 1) for first in (5.0, 1.0, 2.0))
    row = compiling_row("ResNet-18", nothing, cached, torch)
    assert list(row.values()) == ["ResNet-18", 5.0, 1.0, 0.25, 2.0]
    assert compiling_row("ResNet-18", nothing, cached, None)["first_torch"] is None


# Cases, tables, command line


def test_cases_are_chosen_by_the_beginnings_of_their_names() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert [case.name for case in cases_named(("inference", "start"))] == [
        "inference-1",
        "inference-64",
        "inference-256",
        "start",
    ]
    assert cases_named(()) == list(CASES)
    assert [case.name for case in cases_named(("networks-1", "training"))] == [
        "training",
        "networks-1",
    ]  # not networks-16, nor training-networks
    assert cases_named(("nothing",)) == []


@pytest.mark.parametrize("words", [{"cases": ("nonsense",)}, {"rivals": ["nonsense"]}])
def test_an_unknown_word_is_refused(words: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(*words.get("cases", ()), rivals=words.get("rivals")) == 2
    assert "no case or rival named nonsense" in capsys.readouterr().err


def test_knoll_bench_runs_the_benchmarks(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert cli.main(["bench", "nonsense", "--rounds", "2"]) == 2
    assert "no case or rival named nonsense" in capsys.readouterr().err
    assert cli.main(["bench", "start", "--rounds", "many"]) == 1
    assert "many" in capsys.readouterr().err


def test_knoll_bench_needs_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(knoll, "__file__", str(tmp_path / "site-packages" / "knoll" / "__init__.py"))
    assert cli.main(["bench"]) == 1
    said = capsys.readouterr().err
    assert "The benchmarks are not in the installed package." in said
    assert "try: clone the repository" in said


TABLE = Table(
    "inference-1",
    "A title",
    (RIVAL, Column("median", 1e3, ".3f"), Column("speed")),
    ({"rival": "Knoll, net(x)", "median": 0.0012, "speed": 1.5}, {"rival": "ncnn", "median": 0.0018, "speed": None}),
    {"OpenVINO": "exit 3"},
)


def test_a_table_as_markdown() -> None:
    assert report.markdown(FACTS, [TABLE]).splitlines() == [
        "a processor (x86-64-v3), 2030-01-02. knoll 0.1.0.",
        "",
        "### A title",
        "",
        "| library | median, ms | speed (best rival = 1) |",
        "| --- | ---: | ---: |",
        "| **Knoll, net(x)** | **1.200** | **1.50** |",
        "| ncnn | 1.800 | – |",
        "",
        "OpenVINO did not take part (exit 3).",
    ]


def test_a_table_as_json_keeps_raw_numbers() -> None:
    written = json.loads(report.as_json(FACTS, [TABLE]))
    assert written["facts"]["threads"] == 2
    assert written["cases"]["inference-1"]["rows"][0]["median"] == 0.0012
    assert written["cases"]["inference-1"]["failed"] == {"OpenVINO": "exit 3"}


def test_the_facts_name_the_versions() -> None:
    known = report.facts(2, [RIVALS[0]], {"ncnn": "not installed: ncnn"})
    assert known.versions["knoll"] == "0.1.0"
    assert known.processor
    assert report.absences(known.skipped) == ["ncnn did not take part (not installed: ncnn)."]


def test_every_column_has_a_heading() -> None:
    import benchmarks.cases.convolution as single
    import benchmarks.cases.eager as calls
    import benchmarks.cases.inference as whole
    import benchmarks.cases.layers as case
    from benchmarks.cases import networks

    keys = {key.removeprefix("column_") for key in catalogue("bench") if key.startswith("column_")}
    tables = (single.COLUMNS, whole.COLUMNS, case.COLUMNS, calls.COLUMNS, networks.INFERENCE_COLUMNS)
    used = {column.key for columns in (*tables, networks.TRAINING_COLUMNS, COMPILING) for column in columns}
    starts = Starts(Start(1, 1, 1, 1, 1), (Start(1, 1, 1, 1, 1),))
    assert keys == used | first_row("", starts).keys() | training_row("", starts).keys()


@pytest.mark.parametrize("work", [*eager.WORKS, *eager.LARGE])
def test_calls_run_the_same_lines_in_both_libraries(
    work: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(knoll, "set_num_threads", lambda _: None)  # for other tests too
    given = task(practice(), 1, 1)
    mine = np.asarray(eager.prepare(work, "knoll", True, given)())
    assert np.isfinite(mine).all()
    seconds = {"knoll": Timing("knoll", (2e-6,), 0.0), "torch": Timing("torch", (6e-6,), 0.0)}
    row = eager.row_of(work, seconds)
    assert row["ratio"] == pytest.approx(3)
    report.show(Console(width=80), Table("eager", "", eager.COLUMNS, (row,), {}))
    assert str(row["work"]) in capsys.readouterr().out
    pytest.importorskip("torch")
    theirs = eager.prepare(work, "torch", True, given)()
    largest = float(np.abs(theirs).max())  # by which running totals are rounded
    np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=max(1e-5, 1e-6 * largest))


# Learning


def test_images_are_read_from_an_archive_of_jpegs(tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    jpegs = []
    for shade in (0, 128, 255):
        buffer = BytesIO()
        Image.new("RGB", (8, 6), (shade, 0, 0)).save(buffer, "JPEG", quality=100)
        jpegs.append(buffer.getvalue())
    offsets = np.cumsum([0, *map(len, jpegs)])
    np.savez(
        tmp_path / "a.npz",
        test_bytes=np.frombuffer(b"".join(jpegs), np.uint8),
        test_offsets=offsets,
        test_y=np.array([4, 5, 6]),
    )
    images = read_images(tmp_path / "a.npz", "test", 2)
    assert images.x.shape == (2, 3, 6, 8)
    assert images.labels.tolist() == [4, 6], "from all over the archive"
    x, _ = images.batch(np.array([1]))
    assert x.dtype == np.float32
    assert abs(x[0, 0].mean() - 1) < 0.02


def test_batches_cover_everything_once() -> None:
    parts = list(batches(np.arange(10), 4))
    assert [len(part) for part in parts] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(parts), np.arange(10))


def test_accuracy_is_the_share_that_is_right() -> None:
    class Brightest:
        outputs: Callable[[Any], Any] = staticmethod(lambda x: x.mean((2, 3)))

    x = np.zeros((4, 3, 2, 2), np.uint8)
    x[[0, 1, 2, 3], [0, 1, 2, 2]] = 200
    learner: Any = Brightest()
    assert accuracy(learner, Images(x, np.array([0, 1, 2, 0]))) == 0.75


def test_the_curves_are_a_picture() -> None:
    text = draw(
        {
            "Knoll": Curves([[0.2, 0.55], [0.3, 0.61]], [4.0, 9.0]),
            "A & B": Curves([[0.2, 0.58], [0.3, 0.58]], [10.0, 20.0]),
        },
        "a < note",
    )
    root = ET.fromstring(text)  # noqa: S314 (written above)
    tag = "{http://www.w3.org/2000/svg}"
    lines = [
        [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()] for line in root.iter(f"{tag}polyline")
    ]
    assert len(lines) == 8, "two seeds, their mean, and a sample of its stroke for each"
    dashes = [line.attrib.get("stroke-dasharray") for line in root.iter(f"{tag}polyline")]
    assert dashes == [None, None, "none", "none", None, None, "8 4", "8 4"], "told apart in grey as well"
    assert lines[2][1][1] == pytest.approx((lines[0][1][1] + lines[1][1][1]) / 2, abs=0.1)
    assert lines[0][0][1] > lines[0][1][1], "better is higher up"
    words = [element.text for element in root.iter(f"{tag}text")]
    assert {"Knoll 58.0%", "A & B 58.0%", "a < note", "20%", "70%", "9 s of training", "20 s of training"} <= set(words)


def test_labels_do_not_touch() -> None:
    assert label_heights([10.0, 200.0]) == [10.0, 200.0]
    heights = label_heights([101.0, 100.0])
    assert heights[0] - heights[1] == GAP
