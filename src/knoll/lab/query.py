"""What a query asks for: a setting in which the changes of arguments are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from knoll.lab.arguments import changed
from knoll.lab.setting import Setting
from knoll.messages import Language

CHANGED = "set."  # before the name of an argument in a query


def setting_of(query: Mapping[str, str], language: Language) -> Setting:
    """The setting of a query; `set.stride` is another stride of its layer. Raises ArgumentError.

    >>> setting_of({"layer": "MaxPool2d(2)", "set.stride": "1"}, "en").layer
    'MaxPool2d(2, stride=1)'
    """
    setting = Setting.of(query, language)
    changes = {name.removeprefix(CHANGED): value for name, value in query.items() if name.startswith(CHANGED)}
    kept = {name: value for name, value in setting.options.items() if not name.startswith(CHANGED)}
    return replace(setting, layer=changed(setting.layer, changes), options=kept)
