"""A command line from its words to an exit code.

Whatever a command needs is imported when it runs, so that `knoll --help` answers at once. The help is taken from the
catalogue: annotations are texts that cyclopts evaluates after the language is known.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from cyclopts import App, CycloptsError, Group

import knoll
from knoll.cli import commands
from knoll.cli.mistakes import explained
from knoll.cli.printing import complain
from knoll.cli.streams import end_quietly, write_any_text
from knoll.errors import ArgumentError, KnollError, OutOfMemoryError, system_reason
from knoll.language import set_language
from knoll.messages import LANGUAGES, Language, say

INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 1 for an error that is explained, 130 for Ctrl-C."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    write_any_text()
    debug = "--debug" in tokens or os.environ.get("KNOLL_DEBUG", "") not in ("", "0")
    try:
        _choose_language(tokens)
        code = _app()(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()  # a full disk is told here, and not when Python ends
    except KnollError as error:
        if debug:
            raise
        complain(str(error))
        return 1
    except MemoryError as error:
        if debug:
            raise
        complain(str(OutOfMemoryError.after(error)))
        return 1
    except CycloptsError as error:
        complain(explained(error))
        return 1
    except BrokenPipeError:
        end_quietly()
        return 1
    except OSError as error:
        if debug:
            raise
        end_quietly()
        complain(say("cli.system", name=error.filename or say("cli.output"), reason=system_reason(error)))
        return 1
    except KeyboardInterrupt:
        complain(say("cli.interrupted"))
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def _choose_language(tokens: Sequence[str]) -> None:
    """Take the language from the command line before anything is said. Raises ArgumentError for an unknown one."""
    named = os.environ.get("KNOLL_LANG", "")
    if named and not named.lower().startswith(LANGUAGES):
        raise ArgumentError(say("messages.language", language=f"KNOLL_LANG={named}"))
    for place, token in enumerate(tokens):
        name, equals, value = token.partition("=")
        if name in ("--lang", "--language") and (equals or place + 1 < len(tokens)):
            set_language(cast("Language", value if equals else tokens[place + 1]))


def _commands() -> Iterator[Callable[..., int]]:
    """The function of each file in `commands`, which has the file's name."""
    for module in iter_modules(commands.__path__):
        yield vars(import_module(f"{commands.__name__}.{module.name}"))[module.name]


def _app() -> App:
    """The commands, their help in the language spoken now."""
    subcommands, options, operands = (Group(say(f"cli.group_{name}")) for name in ("commands", "options", "arguments"))

    def app(name: str, version: str | None) -> App:
        made = App(
            name,
            help=say(f"cli.{name}"),
            version=version,
            version_flags=("--version",) if version else (),
            group_commands=subcommands,
            group_parameters=options,
            group_arguments=operands,
        )
        for word in (*made.help_flags, *made.version_flags):
            made[word].help = say(f"cli.option_{'help' if word in made.help_flags else 'version'}")
        return made

    whole = app("knoll", knoll.__version__)
    for command in _commands():
        part = app(command.__name__, None)
        part.default(command)
        whole.command(part)
    return whole
