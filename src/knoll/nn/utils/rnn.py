"""Sequences of several lengths in one tensor, as `torch.nn.utils.rnn`; there are no recurrent layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError, UnsupportedError
from knoll.messages import say
from knoll.tensor import Tensor, full
from knoll.tensor.arguments import tensors, truthy

__all__ = ["pad_sequence", "unpad_sequence"]


class PackedSequence:
    """What recurrent layers take in PyTorch: programs may ask `isinstance` for it, and it cannot be made."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise UnsupportedError(
            say("nn.absent_layer", name="utils.rnn.PackedSequence"), advice=say("nn.absent_recurrent")
        )


def pad_sequence(
    sequences: Tensor | Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: Literal["right", "left"] = "right",
) -> Tensor:
    """Sequences (length, …) in one tensor (longest, n, …), or (n, longest, …) with `batch_first`; gradients flow back.

    Shorter ones are filled up with `padding_value` on one side. Raises ArgumentError, ArgumentTypeError, ShapeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html

    >>> import knoll
    >>> from knoll.nn.utils.rnn import pad_sequence
    >>> pad_sequence([knoll.tensor([1, 2]), knoll.tensor([3])], batch_first=True, padding_value=-1)
    tensor([[ 1,  2],
            [ 3, -1]])
    """
    if padding_side not in ("right", "left"):
        raise ArgumentError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    if not isinstance(sequences, (Tensor, list, tuple)):
        raise ArgumentTypeError(
            f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}"
        )
    listed: Sequence[Tensor] = tensors(sequences, "pad_sequence", "sequences")
    if not listed:
        raise ArgumentError("received an empty list of sequences")
    first = listed[0]
    others = next((each for each in listed if each.shape[1:] != first.shape[1:]), None)
    if others is not None:
        raise ShapeError(
            "The size of the sequences must agree in all axes but the first", got=f"{first.shape}, {others.shape}"
        )
    longest = max(len(each) for each in listed)
    padded = full((len(listed), longest, *first.shape[1:]), padding_value, dtype=first.dtype)
    for place, each in enumerate(listed):
        start = longest - len(each) if padding_side == "left" else 0
        padded[place, start : start + len(each)] = each
    return padded if truthy(batch_first, "pad_sequence", "batch_first") else padded.transpose(0, 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences (length, …) that `pad_sequence` filled up on the right, of these lengths.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.unpad_sequence.html

    >>> import knoll
    >>> from knoll.nn.utils.rnn import unpad_sequence
    >>> unpad_sequence(knoll.tensor([[1, 2], [3, 0]]), knoll.tensor([2, 1]), batch_first=True)
    [tensor([1, 2]), tensor([3])]
    """
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[: int(length)] for row, length in zip(rows, lengths, strict=False)]
