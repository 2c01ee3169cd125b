"""Padding layers along one axis: elements before and after."""

from __future__ import annotations

from knoll.nn.layers.pad import CircularPadding, ConstantPadding, Ends, Padding, ZeroPadding

__all__ = ["CircularPad1d", "ConstantPad1d", "ReflectionPad1d", "ReplicationPad1d", "ZeroPad1d"]


class ReflectionPad1d(Padding[Ends]):
    """1-D reflection padding: sequences are mirrored at their ends, which are not repeated: `cb|abcd|cb`.

    Shapes: (n, c, l) → (n, c, before + l + after), or the same without n.

    - `padding`: elements to add, (before, after), or one number for both; each less than the length of the sequences.
      A negative number crops as many elements.

    Raises ShapeError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.ReflectionPad1d((2, 1))(knoll.arange(4.0).reshape(1, 4))
    tensor([[2., 1., 0., 1., 2., 3., 2.]])
    """

    axes = 1
    mode = "reflect"


class ReplicationPad1d(Padding[Ends]):
    """1-D replication padding: the ends of sequences are repeated: `aa|abcd|dd`.

    Shapes: (n, c, l) → (n, c, before + l + after), or the same without n.

    - `padding`: elements to add, (before, after), or one number for both.
      A negative number crops as many elements.

    Raises ShapeError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.ReplicationPad1d((2, 1))(knoll.arange(4.0).reshape(1, 4))
    tensor([[0., 0., 0., 1., 2., 3., 3.]])
    """

    axes = 1
    mode = "replicate"


class CircularPad1d(CircularPadding[Ends]):
    """1-D circular padding: each end is followed by the opposite one: `cd|abcd|ab`.

    Shapes: (n, c, l) → (n, c, before + l + after), or the same without n.

    - `padding`: elements to add, (before, after), or one number for both; at most the length of the sequences.
      A negative number crops as many elements.

    Raises ShapeError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.CircularPad1d((2, 1))(knoll.arange(4.0).reshape(1, 4))
    tensor([[2., 3., 0., 1., 2., 3., 0.]])
    """

    axes = 1


class ConstantPad1d(ConstantPadding[Ends]):
    """1-D constant padding: one number before and after sequences.

    Shapes: (*, l) → (*, before + l + after).

    - `padding`: elements to add, (before, after), or one number for both.
      A negative number crops as many elements.
    - `value`: the number that is put there.

    Raises ShapeError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.ConstantPad1d((2, 1), 7)(knoll.arange(4.0).reshape(1, 4))
    tensor([[7., 7., 0., 1., 2., 3., 7.]])
    """

    axes = 1


class ZeroPad1d(ZeroPadding[Ends]):
    """1-D zero padding: zeros before and after sequences.

    Shapes: (*, l) → (*, before + l + after).

    - `padding`: elements to add, (before, after), or one number for both.
      A negative number crops as many elements.

    Raises ShapeError, ArgumentTypeError and UnsupportedError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html

    >>> import knoll
    >>> from knoll import nn
    >>> nn.ZeroPad1d((2, 1))(knoll.arange(4.0).reshape(1, 4))
    tensor([[0., 0., 0., 1., 2., 3., 0.]])
    """

    axes = 1
