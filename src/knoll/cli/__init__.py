"""The command `knoll`: `main` runs a command line; each command is a file of `commands`."""

from knoll.cli.app import main

__all__ = ["main"]
