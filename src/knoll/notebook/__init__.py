"""Notebooks: the lab's page for one layer as a widget below a cell.

`explorer.py` answers what `static/widget.js` asks for; `script.py` puts the modules of the lab's page into it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.errors import UnsupportedError
from knoll.messages import Language, say
from knoll.nn import Module
from knoll.views.image_input import ImageLike

if TYPE_CHECKING:
    from knoll.notebook.explorer import Explorer

__all__ = ["lab"]


def lab(
    layer: Module | str = "Conv2d(3, 6, 3)", picture: ImageLike | None = None, *, language: Language | None = None
) -> Explorer:
    """Widget of a layer with a control for each argument, as `knoll lab` shows it in the browser.

    It is shown below the cell whose last line it is. Its weights are small numbers that can be read, not those of
    `layer`. The text of the layer that it shows at the moment is its attribute `layer`. Source of widgets:
    https://anywidget.dev.

    Args:
        layer: a layer, or a Sequential, or its text as "Conv2d(3, 6, 3)".
        picture: what it is given: a path, a picture of Pillow, an array or a tensor; a mound under the sun
            unless given.
        language: "en" or "zh"; the one spoken now unless given.

    Raises UnsupportedError where anywidget is not installed, ArgumentError for what is no layer, FileError and
    DataError for a picture that cannot be read.

        from knoll import nn, notebook

        notebook.lab(nn.MaxPool2d(2), "cat.png")
    """
    try:
        from knoll.notebook.explorer import Explorer
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("knoll"):
            raise
        raise UnsupportedError(say("lab.missing", name=error.name), advice="pip install 'knoll[notebook]'") from None
    return Explorer(layer, picture, language)
