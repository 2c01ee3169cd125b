"""Words about embeddings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from knoll import nn
from knoll.explain.card import Argument, Card, Said, said
from knoll.explain.facts import Facts
from knoll.explain.words.common import DEVICE, DTYPE, reference
from knoll.graph import Array
from knoll.messages import Sentence, sentence
from knoll.nn import Module

SHOWN = 4  # row numbers


def _sizes(facts: Facts) -> tuple[int, int]:
    return facts.arguments["num_embeddings"], facts.arguments["embedding_dim"]


def introduction(facts: Facts) -> tuple[Sentence, ...]:
    """What an embedding does."""
    rows, dim = _sizes(facts)
    return (sentence("explain_vectors.embedding", rows=rows, dim=dim),)


def num_embeddings(facts: Facts) -> Said:
    """How many rows there are."""
    rows, _ = _sizes(facts)
    if not rows:
        return said(sentence("explain_vectors.num_embeddings_none"))
    return said(sentence("explain_vectors.num_embeddings", rows=rows, last=rows - 1))


def _other_counts(facts: Facts) -> tuple[int, ...]:
    """Another number of rows that still has the row of the padding."""
    rows, _ = _sizes(facts)
    return tuple(count for count in (rows - 1, rows + 1) if count > (facts.arguments["padding_idx"] or 0))


def embedding_dim(facts: Facts) -> Said:
    """How long a row is."""
    rows, dim = _sizes(facts)
    return said(sentence("explain_vectors.embedding_dim", dim=dim, rows=rows, count=rows * dim))


def padding_idx(facts: Facts) -> Said:
    """Which row is that of the padding."""
    row = facts.arguments["padding_idx"]
    if row is None:
        return said(sentence("explain_vectors.padding_idx_none"))
    return said(sentence("explain_vectors.padding_idx", row=row))


def max_norm(facts: Facts) -> Said:
    """How long a row may become."""
    most = facts.arguments["max_norm"]
    if most is None:
        return said(sentence("explain_vectors.max_norm_none"))
    return said(sentence("explain_vectors.max_norm", most=most), trap=sentence("explain_vectors.max_norm_trap"))


def norm_type(facts: Facts) -> Said:
    """How the length of a row is measured."""
    if facts.arguments["max_norm"] is None:
        return said(sentence("explain_vectors.norm_type_unused"))
    return said(sentence("explain_vectors.norm_type", p=facts.arguments["norm_type"]))


def scale_grad_by_freq(facts: Facts) -> Said:
    """Whether rows that are named often learn as slowly as others."""
    answer = "yes" if facts.arguments["scale_grad_by_freq"] else "no"
    return said(sentence(f"explain_vectors.scale_grad_by_freq_{answer}"))


def sparse(_: Facts) -> Said:
    """How the gradient is kept."""
    return said(sentence("explain_vectors.sparse_no"))


def _row_numbers(layer: Module) -> tuple[Array]:
    """One sample of row numbers: 0, 1, 2 … as far as the table goes."""
    assert isinstance(layer, nn.Embedding)
    return (np.arange(SHOWN if layer.num_embeddings else 0)[None] % max(layer.num_embeddings, 1),)


EMBEDDINGS: Mapping[type[Module], Card] = {
    nn.Embedding: Card(
        introduction=introduction,
        arguments={
            "num_embeddings": Argument(num_embeddings, (2, 4, 8), others=_other_counts),
            "embedding_dim": Argument(embedding_dim, (1, 3, 5)),
            "padding_idx": Argument(padding_idx, (None, 0, 3), others=lambda _: ()),
            "max_norm": Argument(max_norm, (None, 1.0, 2.0)),
            "norm_type": Argument(norm_type, (2.0, 1.0, 3.0), beside={"max_norm": 1.0}),
            "scale_grad_by_freq": Argument(scale_grad_by_freq, (False, True)),
            "sparse": Argument(sparse, (False,), others=lambda _: ()),
            "dtype": DTYPE,
            "device": DEVICE,
        },
        example={"num_embeddings": 4, "embedding_dim": 3},
        inputs=_row_numbers,
        source=reference("Embedding"),
    )
}
