"""The compiler's stages on a page: they are the compiler's own, and bounded."""

from __future__ import annotations

import re

import pytest

from knoll.document import Line
from knoll.errors import ArgumentError
from knoll.lab.layer_input import PICTURES
from knoll.lab.markup import plain_text
from knoll.lab.resources import Resources
from knoll.lab.setting import Setting
from knoll.lab.views.compiler import (
    DOES,
    MOST_LINES,
    CompilerView,
    compilation,
    compiler_view,
    listing,
    parts_of,
    phase_words,
)
from knoll.messages import LANGUAGES, Language, sentence, speaking

NORMALISED = "Sequential(Conv2d(3, 16, 3), BatchNorm2d(16), ReLU(), Conv2d(16, 16, 3), ReLU())"


def shown(resources: Resources | None = None, **options: str) -> CompilerView:
    return compiler_view(Setting.of(options), resources or Resources())


def test_what_passes_change_is_counted() -> None:
    found = shown(net=NORMALISED)
    assert "fold_batch_norm" in found.html
    way = Resources().walks.walk(NORMALISED, PICTURES["mound"](), 32)
    made = compilation(way, "eval")
    assert (found.recorded, found.left) == (len(made.graph.nodes), len(made.simplified.nodes))
    assert [name for name, *_ in made.passes] == ["fold_batch_norm"]
    assert "batch_norm" not in {node.op.name for node in made.simplified.nodes}


def test_a_training_step_has_a_backward_phase_and_no_folding() -> None:
    found = shown(net=NORMALISED, mode="train")
    assert '<td data-name="phase">backward</td>' in found.html
    assert "fold_batch_norm" not in found.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stage_is_told(language: Language) -> None:
    with speaking(language):
        found = shown()
    for stage in ("graph", "passes", "plan", "loops", "assembly", "speed"):
        assert f'id="stage-{stage}"' in found.html
        assert sentence(f"lab_compiler.{stage}").text(language) in found.html
    assert 'id="measure"' in found.html


def test_the_loops_are_those_of_the_step_that_is_chosen() -> None:
    first = shown()
    assert re.search(rf'id="step-{first.step}"[^>]*aria-current="step"', first.html)
    loops = [re.search(r'id="stage-loops".*?</details>', each.html, re.DOTALL) for each in (first, shown(step="0"))]
    assert loops[0] is not None
    assert loops[1] is not None
    assert "winograd" in loops[0].group()
    assert "winograd" not in loops[1].group()
    assert "multiply-add" in loops[0].group()


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("linear_bias_nx1024x64", "linear layer, bias"),
        ("conv2d_bias_pool_relu_3x32x32_32_k5x5", "convolution, bias, pooling, relu"),
        ("conv2d_dw_pool_3x32x32_32_k5x5", "convolution, gradient of the weights, pooling"),
        ("max_pool2d_relu_8x8x8_k2x2", "pooling, relu"),
        ("pack", "weights laid out in the order in which they are read"),
        ("sum_32", "sum"),
        ("winograd_weights_k5_32x32", "weights transformed for Winograd's algorithm"),
        ("combine_statistics_32", "statistics of the batch put together"),
    ],
)
def test_what_is_fused_is_told_in_words(title: str, told: str) -> None:
    assert parts_of(title).text("en") == told


def test_every_word_of_a_plan_is_said_in_both_languages() -> None:
    for name in ("prepare", "forward", "forward 1 combine", "forward pack", "backward combine"):
        assert not re.search("[a-z]", plain_text_in("zh", phase_words(name)))
    for part in DOES:
        assert parts_of(f"{part}_3x8x8").text("zh") == sentence(f"lab_compiler.does_{part}").text("zh")


def plain_text_in(language: Language, line: Line) -> str:
    """The words of a line in a language."""
    with speaking(language):
        return plain_text(line)


def test_steps_are_measured_against_the_peak() -> None:
    html = shown(net="Sequential(Conv2d(3, 16, 3), ReLU())", measure="1").html
    assert 'id="measure"' not in html
    shares = [int(share) for share in re.findall(r'<td data-name="of peak">(\d+)%</td>', html)]
    assert shares
    assert all(0 < share < 1000 for share in shares)
    assert html.count("<svg") >= 3


def test_a_network_without_kernels_is_told_to_run_in_numpy() -> None:
    found = shown(net="Sequential(Flatten())", size="8")
    assert found.steps == 0
    assert "NumPy" in found.html


def test_long_listings_are_cut_and_short_ones_are_not() -> None:
    assert "line 1" in listing("line 1\nline <2>", "code")
    assert "&lt;2&gt;" in listing("line 1\nline <2>", "code")
    long = listing("\n".join(f"line {number}" for number in range(MOST_LINES + 5)), "code")
    assert f"line {MOST_LINES - 1}\n" not in long
    assert f"line {MOST_LINES}" not in long.partition("</pre>")[0]
    assert "305" in long.partition("</pre>")[2]


def test_what_is_no_mode_is_refused() -> None:
    with pytest.raises(ArgumentError, match="eval"):
        shown(mode="faster")
