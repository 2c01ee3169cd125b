"""Attention against PyTorch: masks, heads, projections of one size and of three, errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, DTypeError, ShapeError, StateError

RNG = np.random.default_rng(3)
LENGTH, KEYS, SAMPLES, WIDTH, HEADS = 5, 7, 3, 8, 4


def pair(torch: Any, **arguments: Any) -> tuple[Any, Any]:
    """The same layer in both libraries, with the same parameters."""
    theirs = torch.nn.MultiheadAttention(WIDTH, HEADS, dtype=torch.float64, **arguments)
    ours = nn.MultiheadAttention(WIDTH, HEADS, dtype=knoll.float64, **arguments)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.tensor(RNG.standard_normal(tuple(parameter.shape)) * 0.3))
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    return ours, theirs


def same(torch: Any, layers: tuple[Any, Any], arrays: list[Any], **options: Any) -> None:
    """Check results, weights and all gradients."""
    results = []
    for library, layer in zip((knoll, torch), layers, strict=True):
        leaves = [library.tensor(array, requires_grad=True) for array in arrays]
        given = {n: library.tensor(v) if isinstance(v, np.ndarray) else v for n, v in options.items()}
        query, key, value = (leaves * 3)[:3] if len(leaves) == 1 else leaves
        taken, weights = layer(query, key, value, **given)
        seed = np.cos(np.arange(taken.numel())).reshape(tuple(taken.shape))
        (taken * library.tensor(seed)).sum().backward()
        parts = [taken, weights] if weights is not None else [taken]
        numbers = [part.detach().numpy() for part in parts]
        results.append(numbers + [leaf.grad.numpy() for leaf in (*leaves, *layer.parameters())])
        layer.zero_grad()
    for mine, truth in zip(*results, strict=True):
        assert mine.shape == truth.shape
        np.testing.assert_allclose(mine, truth, atol=1e-12)


def given(*shapes: tuple[int, ...]) -> list[Any]:
    return [RNG.standard_normal(shape) for shape in shapes]


LAYERS: list[dict[str, Any]] = [
    {}, {"bias": False}, {"batch_first": True}, {"add_bias_kv": True}, {"add_zero_attn": True},
    {"add_bias_kv": True, "add_zero_attn": True, "batch_first": True},
]  # fmt: skip


@pytest.mark.parametrize("arguments", LAYERS, ids=str)
@pytest.mark.parametrize("masks", ["none", "padding", "attention", "both", "numbers"])
def test_results_and_gradients_are_pytorchs(torch: Any, arguments: dict[str, Any], masks: str) -> None:
    layers = pair(torch, **arguments)
    options: dict[str, Any] = {}
    if masks in ("padding", "both"):
        options["key_padding_mask"] = np.arange(KEYS) >= np.array([[7], [4], [6]])
    if masks in ("attention", "both"):
        options["attn_mask"] = np.arange(KEYS) > np.arange(LENGTH)[:, None] + 2
    if masks == "numbers":
        options["attn_mask"] = RNG.standard_normal((SAMPLES * HEADS, LENGTH, KEYS))
        options["key_padding_mask"] = RNG.standard_normal((SAMPLES, KEYS))
    shapes = [(LENGTH, SAMPLES, WIDTH), (KEYS, SAMPLES, WIDTH), (KEYS, SAMPLES, WIDTH)]
    if arguments.get("batch_first"):
        shapes = [(samples, length, width) for length, samples, width in shapes]
    same(torch, layers, given(*shapes), **options)


@pytest.mark.parametrize("options", [{}, {"need_weights": False}, {"average_attn_weights": False}], ids=str)
def test_of_itself_and_without_samples(torch: Any, options: dict[str, Any]) -> None:
    layers = pair(torch)
    same(torch, layers, given((LENGTH, SAMPLES, WIDTH)), **options)
    same(torch, layers, given((LENGTH, WIDTH)), **options)
    padding = np.array([False, False, True, True, False])
    same(torch, layers, given((LENGTH, WIDTH)), key_padding_mask=padding, **options)
    causal = np.triu(np.full((LENGTH, LENGTH), -math.inf), 1)
    same(torch, layers, given((LENGTH, SAMPLES, WIDTH)), attn_mask=causal, is_causal=True, **options)


@pytest.mark.parametrize("need_weights", [True, False])
def test_a_sample_of_which_all_keys_are_masked(torch: Any, need_weights: bool) -> None:
    masked = np.array([[False] * LENGTH, [True] * LENGTH, [False] * LENGTH])
    same(torch, pair(torch), given((LENGTH, SAMPLES, WIDTH)), key_padding_mask=masked, need_weights=need_weights)


def test_keys_and_values_of_other_widths(torch: Any) -> None:
    layers = pair(torch, kdim=6, vdim=10)
    same(torch, layers, given((LENGTH, SAMPLES, WIDTH), (KEYS, SAMPLES, 6), (KEYS, SAMPLES, 10)))
    assert set(layers[0].state_dict()) == set(layers[1].state_dict())


@pytest.mark.parametrize("arguments", LAYERS, ids=str)
def test_names_are_pytorchs(torch: Any, arguments: dict[str, Any]) -> None:
    ours, theirs = (library.nn.MultiheadAttention(WIDTH, HEADS, **arguments) for library in (knoll, torch))
    assert repr(ours) == repr(theirs)
    shapes = [{name: tuple(value.shape) for name, value in layer.state_dict().items()} for layer in (ours, theirs)]
    assert shapes[0] == shapes[1]
    if ours.in_proj_bias is not None:
        assert not ours.in_proj_bias.detach().numpy().any()
    spread = float(ours.in_proj_weight.detach().abs().max())
    assert 0 < spread <= math.sqrt(6 / (WIDTH + 3 * WIDTH))


def test_dropout_only_while_trained() -> None:
    layer, x = nn.MultiheadAttention(WIDTH, HEADS, dropout=0.5), knoll.randn(LENGTH, SAMPLES, WIDTH)
    assert not np.allclose(layer(x, x, x)[0].detach().numpy(), layer(x, x, x)[0].detach().numpy())
    layer.eval()
    np.testing.assert_array_equal(layer(x, x, x)[0].detach().numpy(), layer(x, x, x)[0].detach().numpy())


def test_masks_of_two_types_warn(torch: Any) -> None:
    ours, _ = pair(torch)
    x = RNG.standard_normal((LENGTH, SAMPLES, WIDTH))
    masks = {"key_padding_mask": np.zeros((SAMPLES, LENGTH), bool), "attn_mask": np.zeros((LENGTH, LENGTH))}
    with pytest.warns(UserWarning, match="Support for mismatched key_padding_mask and attn_mask is deprecated"):
        ours(x, x, x, **masks)


def test_refusals(same_error: Any) -> None:
    def layer(k: Any, **arguments: Any) -> Any:
        return k.nn.MultiheadAttention(WIDTH, HEADS, **arguments)

    def call(k: Any, *shapes: tuple[int, ...], **options: Any) -> Any:
        return layer(k)(*(k.x(*shape) for shape in shapes), **options)

    q, kv = (LENGTH, SAMPLES, WIDTH), (KEYS, SAMPLES, WIDTH)
    same_error(lambda k: k.nn.MultiheadAttention(0, 1))
    same_error(lambda k: k.nn.MultiheadAttention(8, 3), ArgumentError)
    same_error(lambda k: call(k, (2,), (2,), (2,)), ShapeError)
    same_error(lambda k: call(k, q, (KEYS, WIDTH), kv), ShapeError)
    same_error(lambda k: call(k, q[::2], kv, kv), ShapeError)
    same_error(lambda k: call(k, q, kv, kv, key_padding_mask=k.x(KEYS)), ShapeError)
    same_error(lambda k: call(k, q, kv, kv, key_padding_mask=k.x(SAMPLES, LENGTH)), ShapeError)
    same_error(lambda k: call(k, q, kv, kv, attn_mask=k.x(KEYS)), ShapeError)
    same_error(lambda k: call(k, q, kv, kv, attn_mask=k.x(LENGTH, LENGTH)), ShapeError)
    same_error(lambda k: call(k, q, kv, kv, attn_mask=k.x(2, LENGTH, KEYS)), ShapeError)
    same_error(lambda k: call(k, q[::2], kv[::2], kv[::2], attn_mask=k.x(2, LENGTH, KEYS)), ShapeError)
    same_error(lambda k: call(k, q, kv, (LENGTH, SAMPLES, WIDTH)), ShapeError)
    same_error(lambda k: call(k, (LENGTH, SAMPLES, 4), kv, kv), ShapeError)
    same_error(lambda k: call(k, q, kv, kv, is_causal=True), StateError)
    same_error(lambda k: call(k, q, kv, kv, attn_mask=k.x(LENGTH, KEYS, dtype="int64")), DTypeError)
