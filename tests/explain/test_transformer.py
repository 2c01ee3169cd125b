"""Transformers explained: the numbers of every step are those of a transformer in plain NumPy."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ShapeError
from knoll.explain import Explanation, explain, explain_network
from knoll.explain.numbers import short
from knoll.messages import LANGUAGES, speaking

ERF = np.vectorize(math.erf)
ACTIVATIONS = {"relu": lambda x: np.maximum(x, 0), "gelu": lambda x: x / 2 * (1 + ERF(x / math.sqrt(2)))}


class Plain:
    """A layer of a transformer in NumPy, float64, for one sequence (l, d)."""

    def __init__(self, layer: nn.Module) -> None:
        self.layer = layer
        self.weights = {name: each.detach().numpy().astype(np.float64) for name, each in layer.named_parameters()}

    def linear(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.weights[f"{name}.weight"].T + self.weights.get(f"{name}.bias", 0.0)

    def norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + self.layer.norm1.eps)
        return scaled * self.weights[f"{name}.weight"] + self.weights.get(f"{name}.bias", 0.0)

    def attention(self, x: np.ndarray, keys: np.ndarray, name: str) -> np.ndarray:
        heads = self.layer.self_attn.num_heads
        projections = self.weights[f"{name}.in_proj_weight"]
        biases = np.split(self.weights.get(f"{name}.in_proj_bias", np.zeros(len(projections))), 3)
        q, k, v = (
            np.stack(np.split(given @ w.T + b, heads, axis=-1))
            for given, w, b in zip((x, keys, keys), np.split(projections, 3), biases, strict=True)
        )
        scores = q @ k.swapaxes(1, 2) / math.sqrt(q.shape[-1])
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        return self.linear(np.concatenate([*(weights @ v)], axis=-1), f"{name}.out_proj")

    def steps(self, x: np.ndarray, memory: np.ndarray | None) -> Iterator[np.ndarray]:
        """What stands in each row of the table."""
        first = self.layer.norm_first
        yield x
        parts = ["self_attn", *(["multihead_attn"] if memory is not None else [])]
        for number, name in enumerate(parts, 1):
            given = x
            if first:
                given = self.norm(x, f"norm{number}")
                yield given
            taken = self.attention(given, given if name == "self_attn" or memory is None else memory, name)
            yield taken
            x = x + taken if first else self.norm(x + taken, f"norm{number}")
            yield x
        last = f"norm{len(parts) + 1}"
        given = x
        if first:
            given = self.norm(x, last)
            yield given
        name = getattr(self.layer.activation, "__name__", "relu")
        hidden = ACTIVATIONS[name](self.linear(given, "linear1"))
        yield hidden
        made = self.linear(hidden, "linear2")
        yield made
        yield x + made if first else self.norm(x + made, last)


def rows(found: Explanation) -> list[tuple[str, int, list[str]]]:
    (table,) = found.tables
    return [(str(formula), int(count), str(numbers).split(", ")) for formula, count, numbers in table.rows]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize(
    ("kind", "activation", "bias"),
    [(nn.TransformerEncoderLayer, "relu", True), (nn.TransformerDecoderLayer, "gelu", True),
     (nn.TransformerEncoderLayer, "gelu", False), (nn.TransformerDecoderLayer, "relu", False)],
)  # fmt: skip
def test_each_step_is_that_of_plain_numpy(
    kind: type[nn.Module], activation: str, bias: bool, norm_first: bool, batch_first: bool, seed: int
) -> None:
    knoll.manual_seed(seed)
    d, heads, hidden = [(8, 2, 12), (6, 3, 5), (4, 1, 16)][seed]
    layer = kind(
        d, heads, hidden, activation=activation, norm_first=norm_first, batch_first=batch_first, bias=bias,
        layer_norm_eps=[1e-5, 0.1, 1e-3][seed],
    )  # fmt: skip
    for parameter in layer.parameters():
        parameter.data = knoll.randn(*parameter.shape) * 0.5
    rng = np.random.default_rng(seed)
    lengths = (4, 3) if kind is nn.TransformerDecoderLayer else (5,)
    given = [rng.normal(size=(2, length, d)).astype(np.float32) for length in lengths]
    found = explain(layer, *(each if batch_first else each.swapaxes(0, 1) for each in given))
    expected = [*Plain(layer).steps(given[0][0], given[1][0] if len(given) > 1 else None)]
    told = rows(found)
    assert len(told) == len(expected)
    for (formula, count, numbers), array in zip(told, expected, strict=True):
        assert count == array.shape[1], formula
        texts = [text for text in numbers if text != "…"]
        assert len(texts) == min(count, 6)
        for text, number in zip(texts, array[0], strict=False):
            assert float(text.replace("−", "-")) == pytest.approx(number, rel=2e-3, abs=2e-5), formula
    y = layer.eval()(*(knoll.tensor(each if batch_first else each.swapaxes(0, 1)) for each in given)).detach().numpy()
    assert told[-1][2][:4] == [*map(short, y[0, 0, :4])]


def test_stacks_tell_what_each_layer_gives() -> None:
    knoll.manual_seed(0)
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, dropout=0.0)
    net = nn.TransformerEncoder(layer, 2, nn.LayerNorm(4))
    x = np.random.default_rng(0).normal(size=(1, 3, 4)).astype(np.float32)
    found = rows(explain(net, x))
    assert [formula for formula, _, _ in found] == ["x", "x = layers[0](x)", "x = layers[1](x)", "x = norm(x)"]
    first = net.layers[0](knoll.tensor(x)).detach().numpy()
    assert found[1][2] == [*map(short, first[0, 0])]
    assert found[3][2] == [*map(short, net(knoll.tensor(x)).detach().numpy()[0, 0])]
    whole = nn.Transformer(4, 2, 1, 1, 8, batch_first=True).eval()
    told = rows(explain(whole, x, x[:, :2]))
    assert [formula for formula, _, _ in told] == ["src", "memory = encoder(src)", "tgt", "y = decoder(tgt, memory)"]
    assert told[3][2] == [*map(short, whole(knoll.tensor(x), knoll.tensor(x[:, :2])).detach().numpy()[0, 0])]


def test_what_is_learned_and_computed_is_counted() -> None:
    """By hand: attention 4·d² + 4·d, the linear layers 2·d·f + d + f, two normalisations of 2·d."""
    d, f, length = 8, 12, 5
    found = explain(nn.TransformerEncoderLayer(d, 2, f), (length, d))
    words = str(found.parameters[0].words[0])
    assert f"Of the {4 * d * d + 4 * d + 2 * d * f + d + f + 4 * d} parameters" in words
    assert f"{4 * d * d + 4 * d} belong to attention, {2 * d * f + d + f} to the linear layers and {4 * d}" in words
    work = length * (4 * d * d + 2 * d * f) + 2 * length * length * d
    assert (found.cost.parameters, found.cost.multiply_adds, found.cost.samples) == (
        4 * d * d + 4 * d + 2 * d * f + d + f + 4 * d, work, 1,
    )  # fmt: skip
    several = explain(nn.TransformerEncoderLayer(d, 2, f), np.zeros((length, 7, d), np.float32))
    assert (several.cost.multiply_adds, several.cost.samples) == (work, 7)


@pytest.mark.parametrize("shape", [(5, 8), (5, 1, 8)], ids=str)
def test_an_attention_and_a_layer_cost_one_sample(shape: tuple[int, ...]) -> None:
    for layer in (nn.MultiheadAttention(8, 2), nn.TransformerEncoderLayer(8, 2, 16)):
        arrays = [np.ones(shape, np.float32)] * (3 if isinstance(layer, nn.MultiheadAttention) else 1)
        whole, by_shape = explain(layer, *arrays), explain(layer, (5, 8))
        assert whole.cost.samples == by_shape.cost.samples == 1
        assert whole.cost.multiply_adds == by_shape.cost.multiply_adds == explain(layer, *arrays).cost.multiply_adds


def test_a_shape_has_no_numbers_and_memory_is_made_up() -> None:
    found = explain(nn.TransformerDecoderLayer(8, 2, 16), (5, 8))
    assert (found.inputs, found.outputs, found.tables) == (((5, 1, 8), (5, 1, 8)), ((5, 1, 8),), ())
    assert explain(nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2), (5, 8), (3, 8)).inputs[1] == (
        3,
        1,
        8,
    )


def test_traps_are_told_where_they_are() -> None:
    traps = {note.name: note.trap for note in explain(nn.TransformerEncoderLayer(32, 2, norm_first=True)).parameters}
    assert "128 here" in str(traps["dim_feedforward"])
    assert "nn.LayerNorm(32)" in str(traps["norm_first"])
    sound = explain(nn.TransformerEncoderLayer(32, 2, 128, batch_first=True)).parameters
    assert not [note.name for note in sound if note.trap]
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=True)
    stack = {
        note.name: note.trap for note in explain(nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)).parameters
    }
    assert stack["num_layers"]
    assert "nn.LayerNorm(8)" in str(stack["norm"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_activations_of_every_kind_are_named(language: str) -> None:
    for activation, name in (("gelu", "gelu"), (nn.SiLU(), "SiLU"), (knoll.tanh, "tanh")):
        found = explain(nn.TransformerEncoderLayer(4, 2, 8, activation=activation))
        with speaking(language):
            (note,) = [note for note in found.parameters if note.name == "activation"]
            assert name in str(note.words[0])
            assert name in found.document().text()
        assert found.json()


def test_wrong_input_is_told_as_the_layer_tells_it() -> None:
    with pytest.raises(ShapeError, match="was expecting embedding dimension of 8, but got 7"):
        explain(nn.TransformerEncoderLayer(8, 2, 16), (5, 7))
    with pytest.raises(ArgumentError, match="takes at most 4 inputs"):
        explain(nn.TransformerEncoderLayer(8, 2, 16), (5, 8), (5, 8), (5, 8), (5, 8), (5, 8))


def test_a_class_of_ones_own_has_no_steps() -> None:
    class Own(nn.TransformerEncoderLayer):
        def forward(self, src: knoll.Tensor) -> knoll.Tensor:
            return self.linear2(self.linear1(src))

    assert explain(Own(4, 2, 8), np.ones((3, 1, 4), np.float32)).tables == ()


def test_a_network_is_looked_into_and_its_parts_are_explained() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)
            self.head = nn.Linear(8, 3)

        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            return self.head(self.encoder(x))

    found = explain_network(Net(), (5, 8))
    assert "encoder.layers.1.linear2" in [line.name for line in found.layers]
    assert found["encoder.layers.0"].kind == "TransformerEncoderLayer"
    assert found["encoder"].kind == "TransformerEncoder"
    assert re.search(r"2 layers go one after the other", str(found["encoder"].introduction[0]))
