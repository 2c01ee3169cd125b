"""Calls that are made again with what is known of an earlier one, as tests see them."""

from __future__ import annotations

from typing import Any

import pytest

from knoll.run.repeated import RepeatedCall


def noted_calls(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each call from now on that is tried again gives a result."""
    answers: list[bool] = []
    again = RepeatedCall.__call__

    def noted(call: RepeatedCall, x: Any) -> Any:
        results = again(call, x)
        answers.append(results is not None)
        return results

    monkeypatch.setattr(RepeatedCall, "__call__", noted)
    return answers
