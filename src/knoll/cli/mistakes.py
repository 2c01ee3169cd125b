"""What is said of words on the command line that a command does not take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import get_args

from cyclopts import (
    App,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
)
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
    if isinstance(error, UnknownCommandError) and error.unused_tokens:
        return _unlisted(
            say("cli.unknown_command", command=error.unused_tokens[0]), error.unused_tokens[0], _commands(error.app)
        )
    if isinstance(error, RepeatArgumentError) and error.token.keyword:
        return ArgumentError(say("cli.repeated", name=error.token.keyword))
    if (
        isinstance(error, CoercionError)
        and error.msg is None
        and error.token is not None
        and error.argument is not None
    ):
        return _unfit(error.token.keyword or error.argument.name, error.token.value, error.target_type)
    return error


def _unfit(name: str, value: str, wanted: object) -> ArgumentError:
    """A value of another kind than the option takes."""
    if choices := [each for each in get_args(wanted) if isinstance(each, str)]:
        return _unlisted(say("cli.no_choice", name=name, value=value), value, choices)
    kind = "cli.whole_number" if wanted is int else "cli.number" if wanted is float else "cli.other_value"
    return ArgumentError(say(kind, name=name), got=value)


def _unlisted(mistake: str, word: str, words: Sequence[str]) -> ArgumentError:
    """A word that is none of those that are possible."""
    return ArgumentError(
        mistake, expected=", ".join(words), advice=", ".join(get_close_matches(word, words, n=1)) or None
    )


def _commands(app: App | None) -> list[str]:
    return [name for name in app or () if not name.startswith("-")]


def _options(error: UnknownOptionError) -> Iterator[str]:
    """The options of the command, each by its long name."""
    for argument in error.argument_collection:
        if argument.parse:
            yield from (name for name in argument.names[:1] if name.startswith("--"))
