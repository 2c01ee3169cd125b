"""Trainings while they run: a stream that says when there is something new, and requests to stop one and to go on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from knoll.lab.resources import Resources
from knoll.lab.worker import BusyError
from knoll.messages import Language, speaking

EVERY = 0.5  # seconds between two looks into the folders
MOST_STREAMS = 64
MOST_WATCHED = 4  # runs of one stream


class Live:
    """The endpoints of trainings: `run/changes`, `run/stop` and `run/resume`."""

    def __init__(self, resources: Resources, spoken: Callable[[Request], Language]) -> None:
        self._resources, self._spoken = resources, spoken
        self._streams = 0

    @property
    def routes(self) -> list[Route]:
        """Where they are reached."""
        return [
            Route("/run/changes", self.changes),
            Route("/run/{what:str}", self.ask, methods=["POST"]),
        ]

    async def changes(self, request: Request) -> Response:
        """A stream of events (text/event-stream) with one whenever something changed since `version` was shown.

        Raises BusyError.
        """
        if self._streams >= MOST_STREAMS:
            raise BusyError
        watched = [request.query_params.get("run", ""), *request.query_params.get("with", "").split("/")]
        names = [name for name in watched if name][:MOST_WATCHED]
        seen = request.query_params.get("version", "")
        return StreamingResponse(self._changes(names, seen), media_type="text/event-stream")

    async def _changes(self, names: list[str], seen: str) -> AsyncIterator[str]:
        self._streams += 1
        try:
            yield "retry: 1000\n\n"
            while not self._resources.ending.is_set():
                now = await asyncio.to_thread(self._resources.trainings.version, names)
                yield "event: changed\ndata:\n\n" if now != seen else ":\n\n"  # a comment finds out who has gone
                seen = now
                await asyncio.sleep(EVERY)
        finally:
            self._streams -= 1

    async def ask(self, request: Request) -> Response:
        """Stop a training, or go on with one. Raises EntryError and ArgumentError."""
        ways = {"stop": self._resources.trainings.stop, "resume": self._resources.trainings.resume}
        way = ways.get(request.path_params["what"])
        if way is None:
            raise HTTPException(404)
        with speaking(self._spoken(request)):
            await asyncio.to_thread(way, request.query_params.get("run", ""))
        return Response(json.dumps({}), media_type="application/json")
