"""`knoll lab`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from rich.console import Console

from knoll.cli.options import COMMON, Common, flag, option
from knoll.cli.targets import target_of
from knoll.messages import language, say


def lab(
    target: Annotated[str | None, option("lab_target")] = None,
    *,
    port: Annotated[int, option("port")] = 0,
    runs: Annotated[Path, option("lab_runs")] = Path("runs"),
    no_browser: Annotated[bool, flag("no_browser")] = False,
    common: Common = COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Try layers, networks and training runs on a page in the browser."""
    import webbrowser

    from knoll.lab.resources import Resources
    from knoll.lab.serve import serve
    from knoll.train.run_folder import RunFolder

    network = target_of(target).module if target else None

    def began(address: str) -> None:
        Console().print(say("cli.lab_address", address=address), soft_wrap=True, highlight=False)
        if not no_browser:
            webbrowser.open(address)

    folder = runs.resolve().parent if RunFolder(runs).is_run() else runs  # a run stands for the folder that it lies in
    serve(Resources(network=network, runs=folder), port, language(), began)
    return 0
