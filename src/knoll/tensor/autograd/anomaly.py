"""Anomaly detection: backward looks at every gradient, and says which function gave one that is not a number.

Source: https://pytorch.org/docs/stable/autograd.html#anomaly-detection
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knoll.errors import StateError, warn
from knoll.graph import Array
from knoll.messages import say
from knoll.tensor.arguments import truth
from knoll.tensor.autograd.grad_fn import name_of
from knoll.tensor.autograd.gradient_edge import AutogradNode


class _Setting:
    enabled = False
    check_nan = True


def is_anomaly_enabled() -> bool:
    """Whether backward looks for anomalies."""
    return _Setting.enabled


def is_anomaly_check_nan_enabled() -> bool:
    """Whether a gradient that is not a number is one."""
    return _Setting.check_nan


class set_detect_anomaly:  # noqa: N801 (PyTorch's name)
    """Look for anomalies in backward from now on, or not any more; as a context manager, until it ends.

    >>> import knoll
    >>> x = knoll.tensor([0.0, 1.0], requires_grad=True)
    >>> with knoll.autograd.set_detect_anomaly(True):
    ...     (x.sqrt() * 0).sum().backward()
    Traceback (most recent call last):
    knoll.errors.StateError: Function 'SqrtBackward0' returned nan values in its 0th output.
      try: look for log or sqrt of 0, a division by 0 or an overflow there; a small number added to it may help
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        wanted = (
            truth(mode, "set_anomaly_enabled", "enabled", 1),
            truth(check_nan, "set_anomaly_enabled", "check_nan", 2),
        )
        self._before = _Setting.enabled, _Setting.check_nan
        _Setting.enabled, _Setting.check_nan = wanted

    def __enter__(self) -> None:
        """As it was set."""

    def __exit__(self, *_: object) -> None:
        _Setting.enabled, _Setting.check_nan = self._before


class detect_anomaly:  # noqa: N801 (PyTorch's name)
    """Look for anomalies in backward within the block, with a warning that it takes time."""

    def __init__(self, check_nan: bool = True) -> None:
        self._check_nan = truth(check_nan, "detect_anomaly", "check_nan")
        warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging."
        )

    def __enter__(self) -> None:
        self._setting = set_detect_anomaly(True, self._check_nan)

    def __exit__(self, *error: object) -> None:
        self._setting.__exit__(*error)


def check_gradients(node: AutogradNode, gradients: Sequence[Array | None]) -> None:
    """Raise StateError if a program gave a gradient that is not a number, and anomalies are looked for."""
    if not (_Setting.enabled and _Setting.check_nan):
        return
    for index, gradient in zip(node.wrt, gradients, strict=True):
        if gradient is not None and np.isnan(gradient).any():
            value = node.graph.inputs[index]
            reader = node.graph.readers[value][0]
            raise StateError(
                f"Function '{name_of(reader)}' returned nan values in its {reader.inputs.index(value)}th output.",
                advice=say("tensor.nan_gradient"),
            )
