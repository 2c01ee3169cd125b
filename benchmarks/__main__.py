"""The command line: `python -m benchmarks [CASE …]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from benchmarks import report
from benchmarks.cases import CASES, cases_named
from benchmarks.cases.case import Settings
from benchmarks.notation import layers_written
from benchmarks.rivals import FILES
from benchmarks.single_layers import SINGLE_LAYERS, SingleLayer
from knoll.errors import ArgumentError, FileError, KnollError, system_reason
from knoll.messages import say

app = App(name="benchmarks", help=say("bench.help", cases=", ".join(case.name for case in CASES)), version_flags=[])


@app.default
def main(
    *cases: str,
    rivals: Annotated[
        list[str] | None,
        Parameter(help=say("bench.help_rivals", rivals=", ".join(FILES)), consume_multiple=True, negative=""),
    ] = None,
    model: Annotated[str, Parameter(help=say("bench.help_model"))] = "practice",
    threads: Annotated[int, Parameter(help=say("bench.help_threads"))] = 2,
    rounds: Annotated[int, Parameter(help=say("bench.help_rounds"))] = 30,
    layers: Annotated[
        list[str] | None, Parameter(help=say("bench.help_layers"), consume_multiple=True, negative="")
    ] = None,
    networks: Annotated[
        list[str] | None, Parameter(help=say("bench.help_networks"), consume_multiple=True, negative="")
    ] = None,
    shapes: Annotated[Path | None, Parameter(help=say("bench.help_shapes"))] = None,
    json: Annotated[Path | None, Parameter(help=say("bench.help_json"))] = None,
    markdown: Annotated[bool, Parameter(help=say("bench.help_markdown"), negative="")] = False,
) -> int:
    """Measure the cases whose names begin with one of the words, or all."""
    notes = Console(stderr=True)
    chosen, unknown = cases_named(cases), [word for word in cases if not cases_named((word,))]
    unknown += [word for word in rivals or () if word not in FILES]
    if unknown:
        notes.print(say("bench.no_such", words=", ".join(unknown)), style="red", highlight=False)
        return 2
    asked = [r for file, several in FILES.items() if not rivals or file in rivals or file == "knoll" for r in several]
    skipped = {r.name: say("bench.not_installed", modules=", ".join(r.missing)) for r in asked if r.missing}
    present = [rival for rival in asked if not rival.missing]
    known = report.facts(threads, present, skipped)
    notes.print(report.summary(known), *report.absences(skipped), sep="\n", highlight=False)
    tables = []
    try:
        settings = Settings(present, threads, rounds, model, _single_layers(layers, shapes), networks or ())
        for case in chosen:
            with notes.status("") as status:
                tables.append(case.run(settings, status.update))
            if not markdown:
                report.show(Console(), tables[-1])
    except KnollError as error:
        notes.print(str(error), style="red", highlight=False, markup=False)
        return 1
    if markdown:
        print(report.markdown(known, tables), end="")
    if json:
        json.write_text(report.as_json(known, tables), encoding="utf-8")
    return 0


def _single_layers(words: list[str] | None, shapes: Path | None) -> list[SingleLayer]:
    """The layers of the file, else those built in, whose names contain one of the words. Raises KnollError."""
    try:
        text = shapes.read_text(encoding="utf-8", errors="replace") if shapes else None
    except OSError as error:
        raise FileError.after(error, say("error.unreadable", path=shapes, reason=system_reason(error))) from None
    every = SINGLE_LAYERS if text is None else layers_written(text)
    chosen = [layer for layer in every if not words or any(word in layer.name for word in words)]
    if not chosen:
        raise ArgumentError(say("bench.no_layers"), got=" ".join(words or [str(shapes)]))
    return chosen


if __name__ == "__main__":
    raise SystemExit(app())
