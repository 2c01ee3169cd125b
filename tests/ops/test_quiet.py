"""NumPy without its warnings, in every thread, also inside itself."""

from __future__ import annotations

import threading
import warnings

import numpy as np
import pytest

import knoll
from knoll.ops.quiet import quiet_array, quietly


def test_warnings_are_left_out_inside_and_come_outside() -> None:
    assert quietly(np.divide, 1.0, 0.0) == np.inf
    assert quietly(lambda: quietly(np.divide, 1.0, 0.0) + quietly(np.log, 2.0)) == np.inf
    with pytest.warns(RuntimeWarning, match="divide"):
        np.divide(1.0, np.zeros(1))


def test_what_overflows_as_it_is_rounded_is_infinite() -> None:
    assert quiet_array(np.exp, np.float32, np.array([1.0, 100.0])).tolist() == [np.float32(np.e), np.inf]
    for dtype in (np.float32, np.float64):
        assert np.isinf(knoll.nn.functional.celu(knoll.tensor([-1e30], dtype=dtype), -1.5).numpy()).all()


def test_an_error_inside_leaves_it_usable() -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError, match="by zero"):
            quietly(lambda: 1 // 0)
        assert np.isnan(quietly(np.subtract, np.inf, np.inf))


def test_every_thread_has_its_own() -> None:
    found: list[float] = []

    def divide() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found.extend(float(quietly(np.divide, 1.0, 0.0)) for _ in range(100))

    threads = [threading.Thread(target=divide) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [np.inf] * 400
