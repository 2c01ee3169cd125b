"""Transformers against PyTorch: results, gradients, masks, training, names, errors."""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, DTypeError, ShapeError, StateError
from knoll.nn.made_at import made_at

RNG = np.random.default_rng(5)
LENGTH, KEYS, SAMPLES, WIDTH, HEADS, HIDDEN = 5, 7, 3, 8, 2, 12
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")


def same_weights(torch: Any, ours: Any, theirs: Any) -> tuple[Any, Any]:
    """Both modules with the same random parameters, which PyTorch's hands over."""
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.tensor(RNG.standard_normal(tuple(parameter.shape)) * 0.4))
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    return ours, theirs


def pair(torch: Any, kind: str, *given: Any, **arguments: Any) -> tuple[Any, Any]:
    """The same module of float64 in both libraries."""
    ours = getattr(nn, kind)(*given, dtype=knoll.float64, **arguments)
    return same_weights(torch, ours, getattr(torch.nn, kind)(*given, dtype=torch.float64, **arguments))


def stacks(torch: Any, kind: str, **arguments: Any) -> tuple[Any, Any]:
    """Encoders or decoders of two layers, with a normalisation behind them."""
    made = []
    for library in (knoll, torch):
        layer = getattr(library.nn, f"{kind}Layer")(WIDTH, HEADS, HIDDEN, dtype=library.float64, **arguments)
        made.append(getattr(library.nn, kind)(layer, 2, library.nn.LayerNorm(WIDTH, dtype=library.float64)))
    return same_weights(torch, *made)


def outcome(library: Any, module: Any, arrays: list[Any], options: dict[str, Any]) -> list[Any]:
    """The result, and the gradients of inputs and parameters."""
    leaves = [library.tensor(array, requires_grad=True) for array in arrays]
    given = {name: library.tensor(x) if isinstance(x, np.ndarray) else x for name, x in options.items()}
    result = module(*leaves, **given)
    seed = np.cos(np.arange(result.numel())).reshape(tuple(result.shape))
    (result * library.tensor(seed)).sum().backward()
    gradients = [leaf.grad.numpy() for leaf in (*leaves, *module.parameters())]
    module.zero_grad()
    return [result.detach().numpy(), *gradients]


def same(torch: Any, modules: tuple[Any, Any], arrays: list[Any], **options: Any) -> None:
    """Check the results and all gradients."""
    mine, truth = (outcome(k, module, arrays, options) for k, module in zip((knoll, torch), modules, strict=True))
    for found, expected in zip(mine, truth, strict=True):
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, atol=1e-12)


def sequences(batch_first: bool, *lengths: int) -> list[Any]:
    shapes = [(SAMPLES, n, WIDTH) if batch_first else (n, SAMPLES, WIDTH) for n in lengths]
    return [RNG.standard_normal(shape) for shape in shapes]


def padding(length: int) -> Any:
    return np.arange(length) >= np.array([[length], [3], [2]])


def causal(length: int) -> Any:
    return np.triu(np.full((length, length), -math.inf), 1)


VARIANTS: list[dict[str, Any]] = [
    {}, {"batch_first": True}, {"norm_first": True}, {"bias": False, "batch_first": True}, {"activation": "gelu"},
    {"activation": "gelu", "norm_first": True, "batch_first": True, "layer_norm_eps": 0.1},
]  # fmt: skip


@pytest.mark.parametrize("arguments", VARIANTS, ids=str)
@pytest.mark.parametrize("masks", ["none", "padding", "mask", "both", "of heads"])
def test_encoder_layers(torch: Any, arguments: dict[str, Any], masks: str) -> None:
    options: dict[str, Any] = {}
    if masks in ("padding", "both"):
        options["src_key_padding_mask"] = padding(LENGTH)
    if masks in ("mask", "both"):
        options["src_mask"] = np.arange(LENGTH) > np.arange(LENGTH)[:, None] + 1
    if masks == "of heads":
        options["src_mask"] = RNG.standard_normal((SAMPLES * HEADS, LENGTH, LENGTH))
    layers = pair(torch, "TransformerEncoderLayer", WIDTH, HEADS, HIDDEN, 0.0, **arguments)
    same(torch, layers, sequences(bool(arguments.get("batch_first")), LENGTH), **options)


@pytest.mark.parametrize("arguments", VARIANTS, ids=str)
@pytest.mark.parametrize("masked", [False, True])
def test_decoder_layers(torch: Any, arguments: dict[str, Any], masked: bool) -> None:
    options = {
        "tgt_mask": causal(LENGTH),
        "memory_mask": RNG.standard_normal((LENGTH, KEYS)),
        "tgt_key_padding_mask": np.where(padding(LENGTH), -math.inf, 0.0),
        "memory_key_padding_mask": np.where(padding(KEYS), -math.inf, 0.0),
        "tgt_is_causal": True,
    }
    layers = pair(torch, "TransformerDecoderLayer", WIDTH, HEADS, HIDDEN, 0.0, **arguments)
    arrays = sequences(bool(arguments.get("batch_first")), LENGTH, KEYS)
    same(torch, layers, arrays, **(options if masked else {}))


def test_activations_of_a_programs_own(torch: Any) -> None:
    for name in ("SiLU", "ReLU", "GELU"):
        made = [
            library.nn.TransformerEncoderLayer(
                WIDTH, HEADS, HIDDEN, 0.0, getattr(library.nn, name)(), dtype=library.float64
            )
            for library in (knoll, torch)
        ]
        assert repr(made[0]) == repr(made[1])
        assert made[0].activation_relu_or_gelu == made[1].activation_relu_or_gelu
        same(torch, same_weights(torch, *made), sequences(False, LENGTH))
    of_functions = [
        library.nn.TransformerDecoderLayer(WIDTH, HEADS, HIDDEN, 0.0, lambda x: x.sigmoid() * x, dtype=library.float64)
        for library in (knoll, torch)
    ]
    same(torch, same_weights(torch, *of_functions), sequences(False, LENGTH, KEYS))


@pytest.mark.parametrize("batch_first", [False, True])
def test_stacks_and_one_sample(torch: Any, batch_first: bool) -> None:
    encoders = stacks(torch, "TransformerEncoder", dropout=0.0, batch_first=batch_first)
    hidden = np.where(padding(LENGTH), -math.inf, 0.0)
    same(torch, encoders, sequences(batch_first, LENGTH), mask=causal(LENGTH), src_key_padding_mask=hidden)
    same(torch, encoders, sequences(batch_first, LENGTH), mask=causal(LENGTH), is_causal=True)
    same(torch, encoders, [RNG.standard_normal((LENGTH, WIDTH))], mask=causal(LENGTH))
    decoders = stacks(torch, "TransformerDecoder", dropout=0.0, batch_first=batch_first)
    same(torch, decoders, sequences(batch_first, LENGTH, KEYS), tgt_mask=causal(LENGTH))
    same(torch, decoders, [RNG.standard_normal((n, WIDTH)) for n in (LENGTH, KEYS)])


@pytest.mark.parametrize("arguments", VARIANTS, ids=str)
def test_transformers(torch: Any, arguments: dict[str, Any]) -> None:
    modules = pair(torch, "Transformer", WIDTH, HEADS, 2, 1, HIDDEN, 0.0, **arguments)
    assert repr(modules[0]) == repr(modules[1])
    mask = nn.Transformer.generate_square_subsequent_mask(LENGTH, dtype=knoll.float64).numpy()
    np.testing.assert_array_equal(mask, torch.nn.Transformer.generate_square_subsequent_mask(LENGTH).numpy())
    arrays = sequences(bool(arguments.get("batch_first")), KEYS, LENGTH)
    same(torch, modules, arrays, tgt_mask=mask, src_key_padding_mask=padding(KEYS))
    same(torch, modules, [RNG.standard_normal((n, WIDTH)) for n in (KEYS, LENGTH)])


@pytest.mark.parametrize("hidden", ["at the end", "at the start", "numbers", "everything of one"])
@pytest.mark.parametrize("norm", [False, True])
def test_padding_is_zero_where_pytorchs_faster_way_leaves_it_out(torch: Any, hidden: str, norm: bool) -> None:
    ours, theirs = stacks(torch, "TransformerEncoder", batch_first=True)
    if not norm:
        ours.norm = theirs.norm = None
    (x,) = sequences(True, LENGTH)
    mask = padding(LENGTH)
    if hidden == "at the start":
        mask = mask[:, ::-1].copy()
    if hidden == "everything of one":
        mask[2] = True
    if hidden == "numbers":
        mask = np.where(mask, -math.inf, 0.0)
    for module in (ours, theirs):
        module.eval()
    for recorded in (False, True):
        if recorded and hidden == "everything of one":
            continue
        with torch.set_grad_enabled(recorded), knoll.set_grad_enabled(recorded), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The PyTorch API of nested tensors")
            truth = theirs(torch.tensor(x), src_key_padding_mask=torch.tensor(mask)).detach().numpy()
            found = ours(knoll.tensor(x), src_key_padding_mask=knoll.tensor(mask)).detach().numpy()
        np.testing.assert_allclose(found, truth, atol=1e-12)
        if not norm and not recorded:
            assert bool((found[2, -1] == 0).all()) is (hidden != "at the start")


def test_a_frozen_encoder_needs_no_grad_mode(torch: Any) -> None:
    ours, theirs = stacks(torch, "TransformerEncoder", batch_first=True)
    ours.norm = theirs.norm = None
    for module in (ours, theirs):
        module.eval().requires_grad_(False)
    (x,) = sequences(True, LENGTH)
    found = ours(knoll.tensor(x), src_key_padding_mask=knoll.tensor(padding(LENGTH)))
    truth = theirs(torch.tensor(x), src_key_padding_mask=torch.tensor(padding(LENGTH)))
    np.testing.assert_allclose(found.numpy(), truth.numpy(), atol=1e-12)
    assert not found.numpy()[2, -1].any()


@pytest.mark.parametrize("arguments", VARIANTS, ids=str)
def test_names_and_first_numbers(torch: Any, arguments: dict[str, Any]) -> None:
    for kind in ("TransformerEncoderLayer", "TransformerDecoderLayer"):
        ours, theirs = (getattr(k.nn, kind)(WIDTH, HEADS, HIDDEN, **arguments) for k in (knoll, torch))
        assert repr(ours) == repr(theirs)
        shapes = [[(n, tuple(x.shape)) for n, x in layer.state_dict().items()] for layer in (ours, theirs)]
        assert shapes[0] == shapes[1]
    net = nn.Transformer(WIDTH, HEADS, 1, 1, HIDDEN)
    spread = float(net.encoder.layers[0].linear1.weight.detach().abs().max())
    assert 0 < spread <= math.sqrt(6 / (WIDTH + HIDDEN))


def test_layers_are_deep_copies() -> None:
    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 3)
    weights = [each.linear1.weight for each in (layer, *encoder.layers)]
    assert len({id(each) for each in weights}) == 4
    assert all(np.array_equal(each.detach().numpy(), weights[0].detach().numpy()) for each in weights)
    again = copy.deepcopy(encoder)
    x = knoll.randn(SAMPLES, LENGTH, WIDTH)
    np.testing.assert_array_equal(again.eval()(x).detach().numpy(), encoder.eval()(x).detach().numpy())


def test_layers_count_as_made_where_their_original_was() -> None:
    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 2)
    assert made_at(encoder.layers[1].self_attn) == made_at(layer.self_attn) is not None
    assert made_at(copy.deepcopy(layer)) is None


def test_dropout_only_while_trained() -> None:
    layer, x = nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN, 0.5), knoll.randn(LENGTH, SAMPLES, WIDTH)
    assert not np.allclose(layer(x).detach().numpy(), layer(x).detach().numpy())
    layer.eval()
    np.testing.assert_array_equal(layer(x).detach().numpy(), layer(x).detach().numpy())
    modules = dict(layer.named_modules())
    assert [modules[name].p for name in ("dropout", "dropout1", "dropout2")] == [0.5] * 3
    assert layer.self_attn.dropout == 0.5


class Told(nn.TransformerEncoderLayer):
    """A layer of a program's own, which notes whether its mask is causal."""

    def forward(self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: Any = None) -> Any:
        self.told = is_causal
        return super().forward(src, src_mask, src_key_padding_mask)


def test_layers_of_a_programs_own_are_told_whether_a_mask_is_causal(torch: Any) -> None:
    encoder = nn.TransformerEncoder(Told(WIDTH, HEADS, HIDDEN), 2)
    x = knoll.randn(LENGTH, SAMPLES, WIDTH)
    masks = (None, False), (causal(LENGTH), True), (np.zeros((LENGTH, LENGTH)), False)
    for mask, expected in masks:
        encoder(x, mask=None if mask is None else knoll.tensor(mask.astype("float32")))
        assert [layer.told for layer in encoder.layers] == [expected] * 2
    encoder(x, mask=knoll.tensor(causal(LENGTH).astype("float32")), is_causal=False)
    assert not encoder.layers[0].told


def test_warnings(torch: Any) -> None:
    made: list[dict[str, Any]] = [
        {}, {"batch_first": True, "norm_first": True}, {"batch_first": True, "bias": False},
        {"batch_first": True, "activation": "gelu", "nhead": 1}, {"batch_first": True, "activation": abs},
    ]  # fmt: skip
    for arguments in made:
        said = []
        for library in (knoll, torch):
            layer = library.nn.TransformerEncoderLayer(**{"d_model": WIDTH, "nhead": HEADS, **arguments})
            with pytest.warns(UserWarning, match="enable_nested_tensor is True") as caught:
                library.nn.TransformerEncoder(layer, 1)
            said.append([str(each.message) for each in caught])
        assert said[0] == said[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.TransformerEncoder(nn.TransformerEncoderLayer(WIDTH, HEADS, batch_first=True), 1)
        nn.TransformerEncoder(nn.TransformerEncoderLayer(WIDTH, HEADS), 1, enable_nested_tensor=False)
    layer, x = nn.TransformerEncoderLayer(WIDTH, HEADS, HIDDEN), knoll.zeros(LENGTH, SAMPLES, WIDTH)
    with pytest.warns(UserWarning, match="Support for mismatched src_key_padding_mask and src_mask is deprecated"):
        layer(x, knoll.zeros(LENGTH, LENGTH), knoll.zeros(SAMPLES, LENGTH, dtype=bool))
    with pytest.warns(UserWarning, match="Support for mismatched src_key_padding_mask and mask is deprecated"):
        nn.TransformerEncoder(layer, 1)(x, knoll.zeros(LENGTH, LENGTH), knoll.zeros(SAMPLES, LENGTH, dtype=bool))


def test_refusals(same_error: Any) -> None:
    def layer(k: Any, kind: str = "Encoder", **arguments: Any) -> Any:
        return getattr(k.nn, f"Transformer{kind}Layer")(**{"d_model": 8, "nhead": 2, **arguments})

    def net(k: Any, *shapes: tuple[int, ...], **arguments: Any) -> Any:
        return k.nn.Transformer(8, 2, 1, 1, 8, **arguments)(*(k.x(*shape) for shape in shapes))

    same_error(lambda k: layer(k, activation="tanh"), ArgumentError)
    same_error(lambda k: layer(k, "Decoder", activation="tanh"), ArgumentError)
    same_error(lambda k: layer(k, nhead=3), ArgumentError)
    same_error(lambda k: layer(k)(k.x(5, 3, 7)), ShapeError)
    same_error(lambda k: layer(k)(k.x(5, 3, 8), src_mask=k.x(4, 4)), ShapeError)
    same_error(lambda k: layer(k)(k.x(5, 3, 8), src_mask=k.x(5, 5, dtype="int64")), DTypeError)
    same_error(lambda k: layer(k)(k.x(5, 3, 8), src_key_padding_mask=k.x(3, 5, dtype="int64")), DTypeError)
    same_error(lambda k: layer(k)(k.x(5, 3, 8), is_causal=True), StateError)
    same_error(lambda k: net(k, (5, 3, 8), (4, 2, 8)), ShapeError)
    same_error(lambda k: net(k, (3, 5, 8), (2, 5, 8), batch_first=True), ShapeError)
    same_error(lambda k: net(k, (5, 3, 8), (4, 3, 7)), ShapeError)
    with pytest.raises(ArgumentTypeError, match="'int' object is not callable"):
        nn.TransformerEncoderLayer(8, 2, activation=3)  # type: ignore[arg-type]  # is refused


def test_three_steps_of_training(torch: Any) -> None:
    ours, theirs = pair(torch, "Transformer", WIDTH, HEADS, 1, 1, HIDDEN, 0.0, batch_first=True)
    x, y = sequences(True, KEYS, LENGTH)
    for library, module in ((knoll, ours), (torch, theirs)):
        optimiser = library.optim.AdamW(module.parameters(), lr=0.01)
        for _ in range(3):
            optimiser.zero_grad()
            module(library.tensor(x), library.tensor(y)).square().mean().backward()
            optimiser.step()
    mine = {name: value.detach().numpy() for name, value in ours.state_dict().items()}
    for name, value in theirs.state_dict().items():
        np.testing.assert_allclose(mine[name], value.numpy(), atol=1e-9, err_msg=name)
    theirs.load_state_dict({name: torch.tensor(value) for name, value in mine.items()})
