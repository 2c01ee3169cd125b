"""The widget: its state and what is shown of it are traits, and every question of its page is answered by a view."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import anywidget
import numpy as np
import traitlets

from knoll import nn
from knoll.analysis import written
from knoll.analysis.trace import random_numbers_kept
from knoll.document.plain_data import plain
from knoll.errors import KnollError, OutOfMemoryError
from knoll.lab.page import data_of
from knoll.lab.query import setting_of
from knoll.lab.resources import Resources
from knoll.lab.views import VIEWS
from knoll.language import chosen_language
from knoll.messages import Language, speaking
from knoll.nn import Module
from knoll.notebook.script import script
from knoll.pillow import Image
from knoll.views.image_input import ImageLike, image_input

ROOM = "640"  # the width of the drawing of one number


class Explorer:
    """Page of the lab for one layer; `knoll.notebook.lab` makes it, a notebook shows it.

    `widget` is what widgets that hold others take. Source: https://anywidget.dev.
    """

    def __init__(self, layer: Module | str, picture: ImageLike | None = None, language: Language | None = None) -> None:
        self.widget: Any = _Widget(layer, picture, language)

    @property
    def layer(self) -> str:
        """The layer that is shown at the moment, as one would type it."""
        return str(self.widget.setting["layer"])

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)


class _Widget(anywidget.AnyWidget):
    """The traits that Python and the page share."""

    _esm: str = script()
    page: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    setting: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)  # the query of the page of the lab
    question: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    answer: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    picture: traitlets.Bytes = traitlets.Bytes().tag(sync=True)  # that is being given
    layer_view: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)  # each with the query that it answers
    cell_view: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    compare_view: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    solve_view: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    takeaway_view: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    def __init__(self, layer: Module | str, picture: ImageLike | None = None, language: Language | None = None) -> None:
        self._resources, self._language = Resources(), chosen_language(language)
        setting = {"layer": layer if isinstance(layer, str) else _text(layer)}
        if picture is not None:
            setting["input"] = f"image:{self._resources.images.add(_file(picture))}"
        super().__init__(page=data_of(self._language), setting=setting)
        query = {**setting, "language": self._language}
        for view in ("layer", "cell"):
            self._show(view, query)

    @traitlets.observe("question")
    def _asked(self, change: Mapping[str, Any]) -> None:
        """Answer a question of the page: a view of a query, or the name of a picture that is given."""
        number, view = change["new"].get("number"), change["new"].get("view")
        if number is None:
            return
        with speaking(self._language):
            try:
                if view == "picture":
                    self.answer = {"number": number, "found": {"name": self._resources.images.add(bytes(self.picture))}}
                    self.picture = b""
                    return
                self._show(view, change["new"]["query"])
                self.answer = {"number": number, "view": view}
            except (KnollError, MemoryError) as error:
                told = OutOfMemoryError.after(error) if isinstance(error, MemoryError) else error
                self.answer = {"number": number, "error": str(told)}

    def _show(self, view: str, query: Mapping[str, str]) -> None:
        """Set the trait of a view, without a change of the notebook's own random numbers."""
        room = {"room": ROOM} if view == "cell" else {}
        with speaking(self._language), random_numbers_kept(), warnings.catch_warnings(action="ignore"):
            found = VIEWS[view](setting_of({**query, **room}, self._language), self._resources)
        self.set_trait(f"{view}_view", {"query": dict(query), "found": plain(found)})


def _text(layer: Module) -> str:
    """A layer as it is written in the lab."""
    if isinstance(layer, nn.Sequential):
        return f"Sequential({', '.join(map(_text, layer))})"
    return written(layer)


def _file(picture: ImageLike) -> bytes:
    """The content of a file with the picture."""
    planes = np.rint(255 * np.clip(image_input(picture, nn.Identity()).planes, 0, 1)).astype(np.uint8)
    pixels = planes[0] if len(planes) == 1 else planes[:3].transpose(1, 2, 0)
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG")
    return file.getvalue()
