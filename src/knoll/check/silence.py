"""Findings that the user has silenced, by a comment or by an argument."""

from __future__ import annotations

import linecache
import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from knoll.check.finding import RULE_NAMES, Finding
from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.nn.made_at import Place

_COMMENT = re.compile(r"#\s*knoll:\s*ignore(?:\[([^\]]*)\])?")


def is_silenced(finding: Finding, ignored: Collection[str]) -> bool:
    """Whether a rule is ignored as a whole, or a comment on one of the finding's lines names it."""
    return finding.rule in ignored or any(_names(place, finding.rule) for place in finding.places)


def _names(place: Place, rule: str) -> bool:
    """Whether the comment of a line names a rule; one that names none means all."""
    found = _COMMENT.search(linecache.getline(place.file, place.line))
    return found is not None and (found[1] is None or rule in _split(found[1].split(",")))


def _split(names: Iterable[str]) -> set[str]:
    return {name.strip().replace("_", "-") for name in names}


def rules_named(names: Iterable[str] | str) -> frozenset[str]:
    """Names of rules as they are written here. Raises ArgumentError for one that there is not."""
    chosen = _split([names] if isinstance(names, str) else names)
    for name in sorted(chosen - {*RULE_NAMES}):
        near = get_close_matches(name, RULE_NAMES, 3, 0.4) or RULE_NAMES
        raise ArgumentError(say("check.no_rule", name=name), advice=", ".join(near))
    return frozenset(chosen)
