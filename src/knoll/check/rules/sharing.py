"""The same layer in two places by accident."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from knoll.check.evidence import Evidence, Values, finding
from knoll.check.finding import Finding
from knoll.nn import Module, ModuleList, Sequential


def shared_layer(evidence: Evidence) -> Iterator[Finding]:
    """One object with parameters twice in the same Sequential or ModuleList: there is one set of weights for both."""
    for owner in evidence.module.modules():
        if not isinstance(owner, (Sequential, ModuleList)):
            continue
        counts = Counter(module for module in owner._modules.values() if module is not None)
        for module, count in counts.items():
            if count > 1 and any(True for _ in module.parameters()):
                yield _shared(evidence, owner, module, count)


def _shared(evidence: Evidence, owner: Module, module: Module, count: int) -> Finding:
    places = [name for name, each in owner._modules.items() if each is module]
    holder = f"{type(owner).__name__} {evidence.names[owner]}".strip()
    values: Values = {"kind": type(module).__name__, "places": places, "holder": holder, "count": count}
    return finding("shared_layer", "warning", evidence.site_of(module), values=values)
