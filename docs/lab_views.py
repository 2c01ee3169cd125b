"""The directive of the page about the lab: what the lab itself shows of a setting, computed while the site is built.

    ```{lab} maps                      what is given and each channel of what is made
    ```{lab} cell                      the chosen number: what it is made of, in words and as a drawing
    ```{lab} refused                   why a layer is not possible, and what is offered instead
    ```{lab} program                   the program to take away, and what it prints

The content is the setting, a field a line: `layer=…`, `cell=0,3,4`. Its picture is a photograph of scikit-learn's.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache

from directives import Computed
from docutils import nodes
from PIL import Image
from sklearn.datasets import load_sample_image
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from knoll.lab.image import Images
from knoll.lab.setting import Setting
from knoll.lab.views.cell import cell_view
from knoll.lab.views.layer import layer_view
from knoll.lab.views.takeaway import picture, takeaway_view
from knoll.messages import say

FLOWER = (150, 60, 470, 380)  # the part of the photograph that is a square around the flower


@cache
def _photograph() -> tuple[Images, str]:
    """The photograph as it is dropped on the page of the lab, and its name there."""
    images, file = Images(), io.BytesIO()
    Image.fromarray(load_sample_image("flower.jpg")).crop(FLOWER).save(file, "PNG")
    return images, f"image:{images.add(file.getvalue())}"


class LabDirective(Computed):
    """A view of the lab."""

    required_arguments = 1

    def nodes(self) -> Iterator[nodes.Node]:
        """The view that the argument names."""
        images, name = _photograph()
        given = dict(line.split("=", 1) for line in self.content)
        setting = Setting.of({"input": name, **given}, self.spoken)
        match self.arguments[0]:
            case "maps":
                yield self._drawing(picture(setting, images).svg(language=self.spoken))
            case "cell":
                found = cell_view(setting, images)
                yield nodes.paragraph("", found.caption)
                yield self._drawing(found.scene)
            case "refused":
                refused = layer_view(setting, images).refused
                assert refused is not None
                yield self.listing(refused.reason, "text")
                offers = ", ".join(offer.change for offer in refused.offers)
                yield nodes.paragraph("", say("site.offers", offers=offers))
            case "program":
                taken = takeaway_view(setting, images)
                yield self.listing(taken.programs[0].text)
                yield self.listing(taken.prints, "text")

    def _drawing(self, svg: str) -> nodes.raw:
        return self.html(f'<div class="drawing">{svg}</div>')


def setup(app: Sphinx) -> ExtensionMetadata:
    """Tell Sphinx the directive."""
    app.add_directive("lab", LabDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
