"""`knoll features`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from rich.console import Console
from rich.text import Text

from knoll.cli.options import COMMON, Common, option
from knoll.cli.printing import print_note
from knoll.errors import ArgumentError
from knoll.messages import say

if TYPE_CHECKING:
    from knoll.nn import Module

Kind = Literal["maps", "filters", "field", "saliency", "occlusion"]


def features(
    target: Annotated[str, option("features_of")],
    image: Annotated[Path | None, option("looked_at")] = None,
    *,
    layer: Annotated[str | None, option("feature_layer")] = None,
    kind: Annotated[Kind, option("feature_kind")] = "maps",
    cell: Annotated[str | None, option("cell")] = None,
    label: Annotated[int | None, option("label")] = None,
    size: Annotated[str | None, option("image_size")] = None,
    out: Annotated[Path | None, option("features_out")] = None,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Show what the layers of a network make of an image, channel by channel."""
    from knoll.views import features as looked
    from knoll.views import looking

    console = Console()
    module = _network(target, console)
    rows_and_columns = _pair(size, "--size 32x32")
    path = out or Path(f"{image.stem if image else 'network'}.{kind}.{'html' if kind == 'maps' else 'png'}")
    if kind == "filters":
        looking.filters_picture(_layer(module, layer)).save(path)
    elif image is None:
        raise ArgumentError(say("cli.no_image"), expected=f'knoll features "{target}" picture.png')
    elif kind == "maps":
        looked.show(module, image, layer, size=rows_and_columns).save(path)
    elif kind == "field":
        place = _pair(cell, "--cell 3x4")
        looking.receptive_field_picture(module, image, place, layer, size=rows_and_columns).save(path)
    else:
        picture = looking.saliency_picture if kind == "saliency" else looking.occlusion_picture
        picture(module, image, label, size=rows_and_columns).save(path)
    console.print(Text(say("cli.written", path=path)), soft_wrap=True)
    return 0


def _network(target: str, console: Console) -> Module:
    """A network of a file of weights or a run folder, of a Python file, or of the library."""
    from knoll.check.target import read_target
    from knoll.train.weights import load_network

    path = Path(target).expanduser()
    if path.exists() and path.suffix != ".py":
        network = load_network(path)
        for note in network.notes:
            print_note(console, note)
        return network.module
    module = read_target(target).module
    print_note(console, say("cli.perhaps_untrained" if ".py" in target else "cli.untrained", name=target))
    return module


def _layer(module: Module, name: str | None) -> Module:
    """The layer of this name; by default the first convolution."""
    from difflib import get_close_matches

    from knoll.nn import Conv2d, ConvTranspose2d

    modules = dict(module.named_modules())
    if name is None:
        return next((each for each in modules.values() if isinstance(each, Conv2d | ConvTranspose2d)), module)
    if name not in modules:
        near = get_close_matches(name, modules, 5, 0.4) or [each for each in modules if each][:12]
        raise ArgumentError(say("views.no_layer"), got=repr(name), expected=", ".join(near) or None)
    return modules[name]


def _pair(text: str | None, example: str) -> tuple[int, int] | None:
    """Rows and columns, as 32x48."""
    from knoll.graph.shapes import read_shape

    if text is None:
        return None
    numbers = read_shape(text)
    if len(numbers) != 2:
        raise ArgumentError(say("cli.pair"), expected=example, got=text)
    return numbers[0], numbers[1]
