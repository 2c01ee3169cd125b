"""Answers of servers on the network, and what is said where there is none."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from knoll.messages import say

Progress = Callable[[int, int], None]  # of the bytes so far and in all

_SILENCE_S = 30.0


def answer_of(url: str, **headers: str) -> http.client.HTTPResponse:
    """What a server answers, to be read. Raises OSError, also for what is no address of the web."""
    if not url.startswith(("https://", "http://")):
        raise OSError(say("vision.no_web_address"))
    request = urllib.request.Request(url, headers={"User-Agent": "knoll", **headers})  # noqa: S310 (checked above)
    answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=_SILENCE_S)  # noqa: S310 (likewise)
    return answer


def reason_of(error: Exception) -> str:
    """What went wrong, without the wrapping that urllib gives an error of the network."""
    return str(error.reason) if type(error) is urllib.error.URLError else str(error) or type(error).__name__


@contextmanager
def bar(name: str) -> Iterator[Progress]:
    """A bar in the terminal, on the error stream so that a program's output stays its own."""
    from rich.console import Console  # rich, which only a download needs
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn(name), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task(name, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
