"""Programs with transformers, written for either library: a ViT, and a detector's head on a convolutional network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll.run.compiled import CompiledProgram
from knoll.tensor import trace_cache

RNG = np.random.default_rng(7)


def vit(k: Any, **layers: Any) -> Any:
    """Patches of an image as positions; the class is read at a position of its own."""
    nn = k.nn

    class ViT(nn.Module):  # type: ignore[misc, name-defined]  # of either library
        def __init__(self, width: int = 16, patch: int = 4, size: int = 12, classes: int = 5) -> None:
            super().__init__()
            self.patches = nn.Conv2d(3, width, patch, patch)
            self.token = nn.Parameter(k.zeros(1, 1, width))
            self.places = nn.Parameter(k.randn(1, (size // patch) ** 2 + 1, width) * 0.02)
            layer = nn.TransformerEncoderLayer(
                width, 4, 2 * width, 0.0, "gelu", batch_first=True, norm_first=True, **layers
            )
            self.encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(width), enable_nested_tensor=False)
            self.head = nn.Linear(width, classes)

        def forward(self, x: Any) -> Any:
            x = self.patches(x).flatten(2).transpose(1, 2)
            x = k.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1) + self.places
            return self.head(self.encoder(x)[:, 0])

    return ViT()


def detr(k: Any, **layers: Any) -> Any:
    """Learned queries ask what a convolutional network sees, and give classes and boxes."""
    nn = k.nn

    class Detr(nn.Module):  # type: ignore[misc, name-defined]  # of either library
        def __init__(self, width: int = 16, queries: int = 6, classes: int = 3) -> None:
            super().__init__()
            self.backbone = nn.Sequential(
                nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.Conv2d(8, 12, 3, 2, 1), nn.ReLU()
            )
            self.conv = nn.Conv2d(12, width, 1)
            self.transformer = nn.Transformer(width, 2, 1, 1, 24, 0.0, **layers)
            self.queries = nn.Parameter(k.rand(queries, width))
            self.rows, self.columns = (nn.Parameter(k.rand(8, width // 2)) for _ in range(2))
            self.classes, self.boxes = nn.Linear(width, classes + 1), nn.Linear(width, 4)

        def forward(self, x: Any) -> Any:
            h = self.conv(self.backbone(x))
            rows, columns = h.shape[-2:]
            places = k.cat(
                [
                    self.columns[:columns].unsqueeze(0).repeat(rows, 1, 1),
                    self.rows[:rows].unsqueeze(1).repeat(1, columns, 1),
                ],
                dim=-1,
            ).flatten(0, 1).unsqueeze(1)  # fmt: skip
            queries = self.queries.unsqueeze(1).repeat(1, x.shape[0], 1)
            h = self.transformer(places + 0.1 * h.flatten(2).permute(2, 0, 1), queries).transpose(0, 1)
            return k.cat([self.classes(h), self.boxes(h).sigmoid()], dim=-1)

    return Detr()


PROGRAMS = {"ViT": vit, "DETR": detr}
each = pytest.mark.parametrize("program", PROGRAMS)
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")


def both(torch: Any, program: str) -> tuple[Any, Any]:
    """The network in both libraries, with PyTorch's numbers."""
    ours, theirs = (PROGRAMS[program](library) for library in (knoll, torch))
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    return ours, theirs


def images(samples: int = 3) -> Any:
    return RNG.standard_normal((samples, 3, 12, 12)).astype(np.float32)


@each
def test_results_and_gradients_are_pytorchs(torch: Any, program: str) -> None:
    modules, x = both(torch, program), images()
    found = []
    for library, module in zip((knoll, torch), modules, strict=True):
        leaf = library.tensor(x, requires_grad=True)
        y = module(leaf)
        (y * library.tensor(np.cos(np.arange(y.numel())).reshape(tuple(y.shape)).astype(np.float32))).sum().backward()
        found.append([each.numpy() for each in (y.detach(), leaf.grad, *(p.grad for p in module.parameters()))])
    for mine, truth in zip(*found, strict=True):
        np.testing.assert_allclose(mine, truth, rtol=1e-3, atol=2e-4)
    for module in modules:
        module.eval()
    np.testing.assert_allclose(
        modules[0](knoll.tensor(x)).detach().numpy(), modules[1](torch.tensor(x)).detach().numpy(), atol=2e-5
    )


@each
def test_three_steps_of_training(torch: Any, program: str) -> None:
    ours, theirs = both(torch, program)
    batches = [images() for _ in range(3)]
    for library, module in ((knoll, ours), (torch, theirs)):
        optimiser = library.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
        for x in batches:
            optimiser.zero_grad()
            y = module(library.tensor(x)).flatten(1)
            library.nn.functional.cross_entropy(y, library.tensor(np.array([0, 2, 1]))).backward()
            optimiser.step()
    mine = {name: value.detach().numpy() for name, value in ours.state_dict().items()}
    for name, value in theirs.state_dict().items():
        np.testing.assert_allclose(mine[name], value.numpy(), rtol=1e-3, atol=1e-4, err_msg=name)
    again = PROGRAMS[program](torch)
    again.load_state_dict({name: torch.tensor(value) for name, value in mine.items()})
    x = images()
    np.testing.assert_allclose(
        again.eval()(torch.tensor(x)).detach().numpy(), ours.eval()(knoll.tensor(x)).detach().numpy(), atol=2e-5
    )


@each
def test_a_program_for_serving_takes_any_number_of_images(program: str) -> None:
    net = PROGRAMS[program](knoll).eval()
    served = knoll.compile(net, knoll.tensor(images()))
    for samples in (3, 5):
        x = images(samples)
        np.testing.assert_allclose(served(x), net(knoll.tensor(x)).detach().numpy(), atol=1e-5)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The programs that are built."""
    found: list[Any] = []
    build = trace_cache.program_for
    monkeypatch.setattr(trace_cache, "program_for", lambda *given: (found.append(build(*given)), found[-1])[1])
    return found


def test_a_vit_is_one_program(built: list[Any]) -> None:
    vit(knoll)(knoll.tensor(images()))
    assert [type(each) for each in built] == [CompiledProgram]


def test_padding_of_a_batch_of_sequences_is_one_program(built: list[Any]) -> None:
    layer = knoll.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    encoder = knoll.nn.TransformerEncoder(layer, 2).eval()
    hidden = knoll.tensor(np.arange(6) >= np.array([[6], [4], [1]]))
    with knoll.no_grad():
        y = encoder(knoll.randn(3, 6, 8), src_key_padding_mask=hidden)
    assert [type(each) for each in built] == [CompiledProgram]
    np.testing.assert_array_equal(y.abs().sum(-1).numpy() == 0, hidden.numpy())
