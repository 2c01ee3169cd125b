"""What to try, told with the reader's own shapes and element types."""

from __future__ import annotations

import math

from knoll.graph import Spec
from knoll.graph.spec import DType
from knoll.messages import say


def to_dtype(got: DType, wanted: DType) -> str:
    """Where numbers of the type that came usually come from, and how they become those that are wanted.

    >>> import numpy as np
    >>> to_dtype(np.dtype("float32"), np.dtype("int64"))
    "convert the input once, as in x.to(knoll.int64), or build the layer with the input's dtype"
    """
    if wanted.kind == "f" and got.name == "uint8":
        return say("ops.pixels", dtype=wanted)
    if wanted.kind == "f" and got.kind in "iu":
        return say("ops.typed_integers", dtype=wanted)
    if wanted.name == "float32" and got.name == "float64":
        return say("ops.numpy_float64")
    return say("ops.same_dtype", dtype=wanted)


def images_wanted(x: Spec, channels: int | None = None) -> dict[str, str | None]:
    """What an error says where images are wanted and x has another number of axes; for a picture, the reshape to type.

    `channels` is how many the layer takes, where that is known.

    >>> import numpy as np
    >>> images_wanted(Spec((28, 28), np.dtype("float32")))["got"]
    '2 dimensions: (28, 28)'
    """
    return {
        "expected": say("ops.images"),
        "got": say("ops.rank", rank=x.rank, shape=x.shape),
        "advice": _to_images(x, channels),
    }


def sequences_wanted(x: Spec) -> dict[str, str | None]:
    """What an error says where sequences are wanted and x has another number of axes.

    >>> import numpy as np
    >>> sequences_wanted(Spec((28,), np.dtype("float32")))["advice"]
    'x.reshape(1, 28), if this is one sequence of one channel'
    """
    return {
        "expected": say("ops.sequences"),
        "got": say("ops.rank", rank=x.rank, shape=x.shape),
        "advice": say("ops.reshape_sequence", length=x.shape[0]) if x.rank == 1 else None,
    }


def _to_images(x: Spec, channels: int | None) -> str | None:
    """The reshape to type for one picture, or for rows of pixels that make square images."""
    side = math.isqrt(x.shape[-1] // channels) if channels and x.rank in (1, 2) else 0
    if channels and side > 1 and channels * side**2 == x.shape[-1]:
        return say("ops.reshape_rows", c=channels, side=side)
    return say("ops.reshape_picture", h=x.shape[0], w=x.shape[1]) if x.rank == 2 else None


def to_windows(w: Spec) -> str | None:
    """The reshape to type for a window without its axes of channels."""
    if w.rank != 2:
        return None
    return say("ops.reshape_window", rows=w.shape[0], columns=w.shape[1])


def to_features(x: Spec, wanted: int) -> str:
    """How (…, features) comes to the number of features that a linear layer takes.

    >>> import numpy as np
    >>> to_features(Spec((2, 6, 30, 30), np.dtype("float32")), 5400)
    'nn.Flatten() before this layer: (2, 6, 30, 30) → (2, 5400)'
    """
    features, every = math.prod(x.shape[1:]), math.prod(x.shape)
    if x.rank > 2 and features == wanted:
        return say("ops.flatten_first", shape=x.shape, flat=(x.shape[0], features))
    if x.rank > 2 and every == wanted:
        return say("ops.flatten_one", shape=x.shape, flat=(1, every))
    if x.rank == 3:
        return say("ops.flatten_or_features", flat=(x.shape[0], features), features=features, last=x.shape[-1])
    if x.rank > 2:
        return say("ops.flatten_and_features", shape=x.shape, flat=(x.shape[0], features), features=features)
    if x.rank == 1:
        return say("ops.flattened_batch", features=every)
    if every == wanted and x.shape[0] > 1:
        return say("ops.features_or_batch_axis", features=features, samples=x.shape[0])
    if x.shape[0] == wanted:
        return say("ops.features_or_transpose", features=features)
    return say("ops.in_features", features=features)
