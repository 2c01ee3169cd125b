"""What objects show of themselves in a notebook, and what they must not do for it."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import Tensor, nn
from knoll.analysis import trace
from knoll.language import set_language
from knoll.messages import sentence
from knoll.plan.plan import Kind
from knoll.run.compiled import CompiledProgram
from knoll.run.program_cache import program_for
from knoll.views.statistics import Statistics, statistics
from knoll.vision.models import get_model, practice


@pytest.fixture(autouse=True)
def _in_english() -> None:
    set_language("en")


def shown(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("tensor", "words", "picture"),
    [
        (knoll.ones(3, 8, 8), "192 numbers from 1 to 1, mean 1.", "<image"),
        (knoll.zeros(3, 8, 8, dtype=knoll.uint8), "Tensor uint8[3×8×8]", "<image"),
        (knoll.ones(20, 1, 8, 8), "the first 8 of 20 images", "<image"),
        (-knoll.ones(4, 8, 8), "c = 3", "<image"),
        (knoll.arange(6).reshape(2, 3), "from 0 to 5", "<rect"),
        (knoll.arange(40), "the first 14 of 40 numbers", "<rect"),
        (knoll.ones(40, 2000), "one in 8 rows and columns", "<image"),
        (knoll.tensor(2.5), "One number: 2.5.", None),
        (knoll.zeros(0, 3), "It holds no numbers.", None),
        (knoll.tensor([float("nan"), float("inf"), 1.0]), "1 NaN, 1 infinite", "<rect"),
        (knoll.full((2,), float("nan")), "2 numbers, none of them finite.", "<rect"),
        (knoll.tensor([True, False]), "from 0 to 1", "<rect"),
        (knoll.ones(2, 2, 2, 2, 2), "32 numbers", None),
        (nn.LazyLinear(3).weight, "no shape yet", None),
        (nn.Parameter(knoll.ones(2)), "requires_grad", "<rect"),
    ],
)
def test_tensors(tensor: Tensor, words: str, picture: str | None) -> None:
    html = tensor._repr_html_()
    assert words in shown(html)
    assert "<svg" not in html if picture is None else picture in html


def test_showing_a_tensor_changes_nothing_and_computes_nothing() -> None:
    seen = []

    class Net(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = x * 2
            seen.append(shown(y._repr_html_()))
            view = y[0]
            seen.append(shown(view._repr_html_()))
            assert y._value is not None
            return y + view

    x = knoll.ones(2, 3, requires_grad=True)
    result = Net()(x)
    assert all("not computed yet" in text for text in seen)
    before = (result._edge, x._version, x.grad)
    result._repr_html_()
    assert (result._edge, x._version, x.grad) == before
    result.sum().backward()
    assert x.grad is not None


def test_statistics_are_those_of_numpy_whatever_lies_in_memory() -> None:
    array = np.random.default_rng(0).normal(size=(7, 301, 200)).astype(np.float32)[:, ::3, ::-2]
    found = statistics(array)
    assert (found.low, found.high) == (float(array.min()), float(array.max()))
    assert found.mean == pytest.approx(float(array.mean(dtype=np.float64)), abs=1e-12)
    assert statistics(np.zeros((0, 3))).nans == 0
    assert statistics(np.array([np.inf, np.nan, 1, 3])) == Statistics(1.0, 3.0, 2.0, 1, 1)


def test_a_layer_says_how_it_is_written_what_it_does_and_what_it_learns() -> None:
    text = shown(nn.Conv2d(3, 6, 5)._repr_html_())
    assert "Conv2d(3, 6, 5)" in text
    assert "A window of 5×5 pixels" in text
    assert re.search(r"weight\s+6×3×5×5\s+450", text)


def test_a_network_shows_its_layers_and_its_graph_where_it_knows_its_input() -> None:
    html = practice()._repr_html_()
    assert re.search(r"model1.0\s+Conv2d\(3, 32, 5, padding=2\)\s+2,432", shown(html))
    assert "145,578" in html
    assert html.count("<svg") == 1
    assert "net.summary((3, 32, 32))" in nn.Sequential(nn.LazyLinear(2))._repr_html_()


def test_a_module_is_shown_without_a_call_of_the_users_code() -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("called")

    class Own(nn.Conv2d):
        forward = forbidden

    class Net(nn.Module):
        input_shape = (3, 4, 4)

        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(2, 2)

        forward = forbidden

    watched, hooked, replaced = practice(), nn.ReLU(), practice()
    watched.model1[0].register_forward_hook(forbidden)
    hooked.register_forward_pre_hook(forbidden)
    replaced.model1[0] = Own(3, 32, 5, padding=2)
    for module in (Own(3, 4, 3), Net(), watched, hooked, replaced):
        assert type(module).__name__ in shown(html_of(module))
    replaced.model1[0] = nn.Linear(2, 2)
    assert "Linear(2, 2)" in html_of(replaced)


def html_of(shown: Any) -> str:
    html: str | None = shown._repr_html_()
    assert html is not None
    return html


def test_a_network_with_many_layers_is_listed() -> None:
    html = html_of(get_model("resnet50"))
    assert "<svg" not in html
    assert "the first 60 of 126 layers" in shown(html)


def test_what_cannot_be_shown_is_left_to_its_text() -> None:
    broken = nn.Linear(2, 2)
    broken._parameters["weight"] = None
    del broken.__dict__["in_features"]
    assert broken._repr_html_() is None


def test_of_a_large_tensor_a_part_is_read() -> None:
    x = knoll.zeros(5000, 4000)
    x[0, 0] = 1.0
    assert "Of 4,000,000 of its 20,000,000 numbers: 4,000,000 numbers from 0 to 1" in shown(html_of(x))


def test_a_parameter_stands_in_the_box_of_the_operation_that_reads_it() -> None:
    graph = trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (1, 3, 8, 8)).graph
    assert re.search(
        r"%0 float32\[1×3×8×8\] conv2d %1 float32\[8×3×3×3\] %2 float32\[8\] stride", shown(html_of(graph))
    )


def test_in_chinese() -> None:
    set_language("zh")
    assert "均值" in knoll.randn(3, 3)._repr_html_()
    assert "参数量" in practice()._repr_html_()
    set_language("en")


def test_import_loads_no_view() -> None:
    code = (
        "import sys, knoll, knoll.nn; print(*[m for m in sys.modules if m.startswith(('knoll.views', 'knoll.draw'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_graph_is_drawn_and_one_too_large_is_listed() -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten())
    html = trace(net, (1, 3, 8, 8)).graph._repr_html_()
    assert "3 operations, 7,776 multiply-adds" in shown(html)
    assert re.search("stride=.*relu.*output", shown(html))
    large = trace(nn.Sequential(*(nn.ReLU() for _ in range(120))), (2,)).graph._repr_html_()
    assert "<svg" not in large
    assert "%59 = relu(%58)" in large
    assert "%70" not in large


def test_a_plan_tells_its_steps_and_its_memory() -> None:
    program = program_for(trace(nn.Conv2d(16, 16, 3), (1, 16, 8, 8)).graph, ())
    assert isinstance(program, CompiledProgram)
    text = shown(program.plan._repr_html_())
    for phase in program.plan.phases:
        for step in phase.steps:
            assert step.kernel.title in text
    assert "82,944" in text
    assert "packed parameters" in text


def test_every_kind_of_memory_has_its_words() -> None:
    assert all(sentence(f"views.kind_{kind.value}").text("zh") for kind in Kind)


def test_a_compiled_module_shows_what_it_computes_and_how() -> None:
    text = shown(knoll.compile(nn.Sequential(nn.Conv2d(16, 16, 3), nn.ReLU()), knoll.zeros(1, 16, 8, 8))._repr_html_())
    assert re.search("relu.*forward.*relu.*packed parameters", text)
    assert "NumPy" in knoll.compile(lambda x: knoll.argsort(x), knoll.zeros(1, 4))._repr_html_()
