"""The pages that Knoll writes besides animations: explanations, checks, summaries, feature maps, curves of training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.browser.visitor import NARROW, WIDE, Visitor, faults

import knoll
from knoll import nn
from knoll.document import Document
from knoll.explain import explain_optimizer, explanation_of
from knoll.messages import LANGUAGES, Language
from knoll.train.history import Curve, History
from knoll.vision.models import practice


def features() -> Document:
    image = np.random.default_rng(1).random((3, 32, 32)).astype(np.float32)
    return knoll.show(practice(), image).document()


def faulty_network() -> nn.Module:
    """One whose check has findings."""
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(7200, 10), nn.Softmax(1))


def curves() -> Document:
    points = tuple((step, 2.3 / (1 + step)) for step in range(20))
    return History("runs/1", (Curve("train/loss", points), Curve("test/accuracy", points))).document()


DOCUMENTS: dict[str, Callable[[], Document]] = {
    "convolution": lambda: explanation_of(nn.Conv2d(4, 8, 3, 2, padding=1, groups=2), (4, 32, 32)).document(),
    "attention": lambda: explanation_of(nn.MultiheadAttention(8, 2)).document(),
    "loss": lambda: explanation_of(nn.CrossEntropyLoss()).document(),
    "network": lambda: explanation_of(practice(), (3, 32, 32)).document(),
    "optimizer": lambda: explain_optimizer(knoll.optim.SGD([knoll.zeros(1)], lr=0.1, momentum=0.9)).document(),
    "check": lambda: faulty_network().check((3, 32, 32), loss="CrossEntropyLoss").document(),
    "summary": lambda: practice().summary((3, 32, 32)).document(),
    "features": features,
    "curves": curves,
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_page_is_laid_out_for_telephones_and_for_windows(visit: Visitor, kind: str, language: Language) -> None:
    html = DOCUMENTS[kind]().html(language, page=True)
    for width in (NARROW, WIDE):
        assert faults(visit(html, width=width)) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<h1>a</h1><h3>b</h3>", "H3 after level 1: b"),
        ("<p style='width:2000px'>a</p>", "the page is"),
        ("<img alt='a picture' src='data:,'>", "not loaded"),
        ("<svg role='img' width='9' height='9'></svg>", "no text in place of"),
        ("<button></button>", "no name: <button>"),
    ],
)
def test_faults_are_found(visit: Visitor, body: str, fault: str) -> None:
    page = visit(f"<!DOCTYPE html><html lang='en'><title>faulty</title><body>{body}")
    assert any(found.startswith(fault) for found in faults(page))


def test_an_error_of_a_script_and_a_request_are_found(visit: Visitor) -> None:
    visit("<script>console.error('told'); fetch('http://127.0.0.1:9/x').catch(() => 0)</script>").wait_for_timeout(100)
    problems, visit.problems = visit.problems, []
    assert "error: told" in problems
    assert "asks for http://127.0.0.1:9/x" in problems
