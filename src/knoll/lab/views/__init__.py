"""The views of the page by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from knoll.lab.resources import Resources
from knoll.lab.setting import Setting
from knoll.lab.views.cell import cell_view
from knoll.lab.views.choose import choose_view
from knoll.lab.views.compare import compare_view
from knoll.lab.views.compiler import compiler_view
from knoll.lab.views.layer import layer_view
from knoll.lab.views.network import network_view
from knoll.lab.views.solve import solve_view
from knoll.lab.views.takeaway import takeaway_view
from knoll.lab.views.training import training_view

View = Callable[[Setting, Resources], object]
"""A function from a setting to frozen data: HTML, SVG and numbers."""

VIEWS: Mapping[str, View] = {
    "layer": lambda setting, resources: layer_view(setting, resources.images),
    "cell": lambda setting, resources: cell_view(setting, resources.images),
    "compare": lambda setting, resources: compare_view(setting, resources.images),
    "solve": lambda setting, resources: solve_view(setting, resources.images),
    "takeaway": lambda setting, resources: takeaway_view(setting, resources.images),
    "choose": choose_view,
    "network": network_view,
    "compiler": compiler_view,
    "training": training_view,
}
UNKEPT = ("choose", "network", "compiler", "training")
"""Views of what changes by itself, as the weights of a run, or is measured: they are rendered anew each time."""
