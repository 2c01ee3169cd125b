"""What the help says of options, and the options that every command has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from knoll.messages import Language, say


def option(name: str) -> Parameter:
    """What the help says of an option."""
    return Parameter(help=say(f"cli.option_{name}"), negative="")


def flag(name: str) -> Parameter:
    """What the help says of an option that takes no value."""
    return Parameter(help=say(f"cli.option_{name}"), negative="", show_default=False)


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Common:
    """Options of every command; `main` acts on them before the command is known."""

    lang: Annotated[Language | None, Parameter(name=("--lang", "--language"), help=say("cli.option_lang"))] = None
    debug: Annotated[bool, flag("debug")] = False


COMMON = Common()
