"""Layers whose arguments make no sense: their explanation says so in an error of Knoll's, or tells what comes of it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from knoll import nn
from knoll.errors import KnollError
from knoll.explain import explain
from knoll.explain.made import made
from knoll.explain.words import CARDS
from knoll.nn import Module
from knoll.nn import functional as F

NAN = float("nan")
REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "eps of a tuple": (lambda: explain(nn.BatchNorm2d(3, eps=(0,))), "argument 'eps' (position 8)"),
    "eps of words": (lambda: explain(nn.BatchNorm1d(3, eps="a")), "argument 'eps' (position 8)"),
    "momentum": (
        lambda: F.batch_norm(np.ones((2, 3)), None, None, training=True, momentum="x"),
        "batch_norm(): argument 'momentum' (position 7)",
    ),
    "no eps": (
        lambda: explain(nn.PoissonNLLLoss(eps=None)),
        "poisson_nll_loss(): argument 'eps' (position 5)",
    ),
    "a loss's beta": (lambda: explain(nn.SmoothL1Loss(beta=None)), "argument 'beta'"),
    "a scale": (lambda: explain(nn.Upsample(scale_factor=NAN)), "cannot be worked out"),
    "a stride": (lambda: explain(nn.MaxPool2d(2, stride=[])), "cannot be worked out"),
    "a window": (
        lambda: nn.ConvTranspose2d(1, 1, -1),
        "Trying to create tensor with negative dimension -1: [1, 1, -1, -1]",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_words(name: str) -> None:
    call, told = REFUSED[name]
    with pytest.raises(KnollError, match=re.escape(told)):
        call()


@pytest.mark.parametrize("layer", [nn.Softplus(0), nn.Softplus(NAN)], ids=str)
def test_softplus_divides_by_zero_and_says_so(layer: nn.Softplus) -> None:
    told = explain(layer)
    assert all(
        "beta of 0" in note.words[0].text("en") for note in told.parameters if note.name in ("beta", "threshold")
    )
    assert np.isinf(layer(np.ones(1, np.float32)).numpy()).all() or np.isnan(layer.beta)


def test_the_threshold_of_softplus_may_be_far_below_zero() -> None:
    note = next(note for note in explain(nn.Softplus(1, -1000)).parameters if note.name == "threshold")
    assert "differs by 1e+03" in note.words[0].text("en")


VALUES = (0, -1, 1e300, -1e300, float("inf"), NAN, None, (0,), "a")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", CARDS, ids=lambda kind: kind.__name__)
def test_no_argument_ends_in_an_error_of_pythons(kind: type[Module]) -> None:
    card = CARDS[kind]
    for name, argument in card.arguments.items():
        for value in VALUES:
            try:
                given = {**card.example, **argument.beside, name: value}
                explain(kind(**{each: made(own) for each, own in given.items()}))
            except KnollError:
                continue


MEASURED = """
import re, sys
from pathlib import Path
from knoll.cli import main
code = main(["explain", sys.argv[1]])
most = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(most, code, file=sys.stderr)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("layer", ["BatchNorm2d(30000000)", "LayerNorm(30000000)"])
def test_a_large_normalization_is_told_without_its_numbers(layer: str) -> None:
    done = subprocess.run([sys.executable, "-c", MEASURED, layer], capture_output=True, text=True, check=True)
    kibibytes, code = map(int, done.stderr.split())
    assert (code, "30,000,000" in done.stdout or "60,000,000" in done.stdout) == (0, True)
    assert kibibytes < 450_000  # written out, its numbers and those of its variants take more


def test_an_explanation_warns_of_nothing(recwarn: pytest.WarningsRecorder) -> None:
    target = np.array([[0.2, 0.3, 0.5]], np.float32)
    text = str(explain(nn.KLDivLoss(), np.log(target), target))
    assert "'batchmean'" in text
    assert not recwarn.list
