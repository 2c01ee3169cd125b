"""The application: the page, its files, its views, pictures that are given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from importlib import resources

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from knoll.document.html import style
from knoll.document.plain_data import to_json
from knoll.errors import KnollError, OutOfMemoryError
from knoll.lab.chosen_network import FILE
from knoll.lab.guard import Application, Guard, cookie_of
from knoll.lab.live import Live
from knoll.lab.page import page
from knoll.lab.query import setting_of
from knoll.lab.resources import Resources
from knoll.lab.setting import Setting
from knoll.lab.views import UNKEPT, VIEWS
from knoll.lab.views.cell import animation
from knoll.lab.views.compare import comparison
from knoll.lab.views.takeaway import FILES
from knoll.lab.worker import BusyError, Worker
from knoll.messages import Language, Sentence, sentence, speaking

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# The player of an animation is a page with its own script.
PLAYER = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "


def application(resources: Resources, port: int, token: str, language: Language = "en") -> Application:
    """The application of the lab on a port of this computer; requests need the token."""
    lab = _Lab(resources, port, token, language)
    routes = [
        Route("/", lab.page),
        Route("/static/{path:path}", lab.static),
        Route("/view/{name}", lab.view),
        Route("/progress", lab.progress),
        Route("/animation", lab.animation),
        Route("/file/{name}", lab.file),
        Route("/image", lab.image, methods=["POST"]),
        Route("/weights", lab.weights, methods=["POST"]),
        *Live(resources, lab.spoken).routes,
    ]
    handlers = {HTTPException: lab.refused, KnollError: lab.explained, BusyError: lab.busy, Exception: lab.failed}
    return Guard(Starlette(routes=routes, exception_handlers=handlers), port, token, language)


class _Lab:
    """The endpoints."""

    def __init__(self, resources: Resources, port: int, token: str, language: Language) -> None:
        self.resources, self.port, self.token, self.language = resources, port, token, language
        self.worker = Worker()
        self.files = _files()

    async def page(self, request: Request) -> Response:
        """The page; its cookie then stands for the token of the address."""
        response = HTMLResponse(page(self._setting(request).language))
        response.set_cookie(cookie_of(self.port), self.token, httponly=True, samesite="strict")
        return response

    async def static(self, request: Request) -> Response:
        """A file of the page; there are no others than were read at the beginning."""
        name = request.path_params["path"]
        if name not in self.files:
            raise HTTPException(404)
        return Response(self.files[name], media_type=TYPES["." + name.rpartition(".")[2]])

    async def view(self, request: Request) -> Response:
        """What a view shows of a setting, as JSON."""
        name = request.path_params["name"]
        if name not in VIEWS:
            raise HTTPException(404)
        setting = self._setting(request)
        key = None if name in UNKEPT else f"{name}?{setting.language}&{setting.query()}"
        work = self.worker.do(key, lambda: _bounded(lambda: _rendered(name, setting, self.resources)))
        return Response(await asyncio.wrap_future(work), media_type="application/json")

    async def progress(self, request: Request) -> Response:
        """What is being done at the moment, in words; nothing where there is nothing to tell."""
        with speaking(self.spoken(request)):
            return JSONResponse({"words": self.resources.progress.words})

    async def animation(self, request: Request) -> Response:
        """Two layers at work, or one, as a page with a player that a frame of the page shows."""
        setting = self._setting(request)
        compared = setting.options.get("kind") == "compare"

        def rendered() -> bytes:
            with speaking(setting.language):
                shown = comparison if compared else animation
                return shown(setting, self.resources.images).page(language=setting.language).encode()

        work = self.worker.do(f"animation?{setting.language}&{setting.query()}", lambda: _bounded(rendered))
        headers = {"content-security-policy": PLAYER + "frame-ancestors 'self'"}
        return Response(await asyncio.wrap_future(work), media_type="text/html", headers=headers)

    async def file(self, request: Request) -> Response:
        """A file that is taken away."""
        name, setting = request.path_params["name"], self._setting(request)
        if name not in FILES:
            raise HTTPException(404)

        def rendered() -> bytes:
            with speaking(setting.language):
                content = FILES[name].content(setting, self.resources.images)
            return content.encode() if isinstance(content, str) else content

        work = self.worker.do(f"{name}?{setting.language}&{setting.query()}", lambda: _bounded(rendered))
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(await asyncio.wrap_future(work), media_type=FILES[name].kind, headers=headers)

    async def image(self, request: Request) -> Response:
        """The name of a picture that is given."""
        content, language = await request.body(), self._setting(request).language

        def added() -> bytes:
            with speaking(language):
                return json.dumps({"name": self.resources.images.add(content)}).encode()

        return Response(await asyncio.wrap_future(self.worker.do(None, added)), media_type="application/json")

    async def weights(self, request: Request) -> Response:
        """How a file of weights that is given is named: a network of its own, or weights for the one that is shown."""
        content, language = await request.body(), self.spoken(request)

        def added() -> bytes:
            with speaking(language):
                name, is_whole = self.resources.weights.add(content)
            return json.dumps({"net": FILE + name, "weights": ""} if is_whole else {"weights": name}).encode()

        return Response(await asyncio.wrap_future(self.worker.do(None, added)), media_type="application/json")

    def _setting(self, request: Request) -> Setting:
        """The setting of a request, changes of arguments made. Raises ArgumentError."""
        query = {name: value for name, value in request.query_params.items() if name != "t"}
        with speaking(self.spoken(request)):
            return setting_of(query, self.spoken(request))

    def spoken(self, request: Request) -> Language:
        """The language of a request."""
        asked = request.query_params.get("language", self.language)
        return "zh" if asked == "zh" else "en"

    async def refused(self, request: Request, error: Exception) -> Response:
        """There is no such page, or not by this method."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        return self._refusal(request, sentence("lab.method" if status == 405 else "lab.no_page"), status)

    async def explained(self, request: Request, error: Exception) -> Response:
        """What a person asked for is not possible."""
        with speaking(self.spoken(request)):
            return self._refusal(request, str(error), 400)

    async def busy(self, request: Request, _: Exception) -> Response:
        """Too much was asked for at once."""
        return self._refusal(request, sentence("lab.busy"), 503)

    async def failed(self, request: Request, _: Exception) -> Response:
        """A fault of the lab; what it is stands on the terminal."""
        return self._refusal(request, sentence("lab.failed"), 500)

    def _refusal(self, request: Request, words: Sentence | str, status: int) -> Response:
        text = words if isinstance(words, str) else words.text(self.spoken(request))
        return JSONResponse({"error": text}, status)


def _rendered(name: str, setting: Setting, resources: Resources) -> bytes:
    with speaking(setting.language):
        return to_json(VIEWS[name](setting, resources)).encode()


def _bounded(work: Callable[[], bytes]) -> bytes:
    """What `work` gives; memory that there is not is told as an error that is explained."""
    try:
        return work()
    except MemoryError as error:
        raise OutOfMemoryError.after(error) from None


def _files() -> Mapping[str, bytes]:
    """The files of the page by their names."""
    root = resources.files("knoll.lab").joinpath("static")
    found = {"document.css": style().encode()}
    for folder in ("", "views"):
        for each in root.joinpath(folder).iterdir() if folder else root.iterdir():
            if each.name.endswith(tuple(TYPES)):
                found[f"{folder}/{each.name}".lstrip("/")] = each.read_bytes()
    return found
