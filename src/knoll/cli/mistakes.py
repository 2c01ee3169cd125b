"""What is said of words on the command line that a command does not take."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from cyclopts import CycloptsError, MissingArgumentError, UnknownOptionError
from cyclopts.exceptions import UnusedCliTokensError

from knoll.errors import ArgumentError
from knoll.messages import say

ALIKE = 0.75  # how much of two names is the same, from 0 to 1, before one is offered for the other


def explained(error: CycloptsError) -> str:
    """What was wrong, and where the options of this very command are listed."""
    command = error.command_chain[0] if error.command_chain else None
    return f"{_mistake(error)}\n{say('cli.see_options', command=command) if command else say('cli.see_help')}"


def _mistake(error: CycloptsError) -> ArgumentError | CycloptsError:
    """The mistake in the words of the catalogue where it has any, else in those of the parser."""
    if isinstance(error, UnusedCliTokensError):
        words = " ".join(error.unused_tokens or ())
        return ArgumentError(say("cli.words_left", words=words), advice=say("cli.words_quoted"))
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        return ArgumentError(say("cli.no_value", name=error.keyword or error.argument.name))
    if isinstance(error, UnknownOptionError):
        option = (error.token.keyword or error.token.value).partition("=")[0]
        options = list(_options(error))
        return ArgumentError(
            say("cli.unknown_option", option=option),
            expected=", ".join(options),
            advice=", ".join(get_close_matches(option, options, n=1, cutoff=ALIKE)) or None,
        )
    return error


def _options(error: UnknownOptionError) -> Iterator[str]:
    """The options of the command, each by its long name."""
    for argument in error.argument_collection:
        if argument.parse:
            yield from (name for name in argument.names[:1] if name.startswith("--"))
