"""The tables as a person reads them, as Markdown, and as JSON with every raw number."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.rivals.rival import Rival
from benchmarks.table import Table
from knoll.machine import host
from knoll.messages import say


@dataclass(frozen=True)
class Facts:
    """Where and with what was measured."""

    processor: str
    machine: str
    threads: int
    date: str
    versions: dict[str, str]
    skipped: dict[str, str]


def facts(threads: int, rivals: Iterable[Rival], skipped: dict[str, str]) -> Facts:
    """The processor, the date, the versions of all rivals."""
    versions = {"python": platform.python_version(), "llvmlite": version("llvmlite")}
    versions |= {module: _version(module) for rival in rivals for module in rival.modules if "." not in module}
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    return Facts(_processor(), host().name, threads, date, versions, skipped)


def _version(module: str) -> str:
    if module == "knoll":
        import knoll

        return knoll.__version__
    try:
        return version(module)
    except PackageNotFoundError:
        return say("bench.unknown")


def _processor() -> str:
    """The name that Linux knows, else the kind of machine."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def summary(known: Facts) -> str:
    """One paragraph above the tables."""
    versions = ", ".join(f"{name} {number}" for name, number in known.versions.items())
    return say("bench.summary", processor=known.processor, machine=known.machine, date=known.date, versions=versions)


def absences(missing: dict[str, str]) -> list[str]:
    """A line for each rival that did not take part."""
    return [say("bench.absent", rival=rival, reason=reason) for rival, reason in missing.items()]


def show(console: Console, table: Table) -> None:
    """One table in colour, what is best in it left to the reader."""
    drawn = RichTable(
        title=table.title, title_justify="left", caption="\n".join(absences(table.failed)), caption_justify="left"
    )
    for column in table.columns:
        drawn.add_column(column.heading, justify="left" if column.is_text else "right", overflow="fold")
    for row in table.rows:
        mine = str(row.get("rival")).startswith("Knoll")
        drawn.add_row(*(column.text(row) for column in table.columns), style="bold" if mine else None)
    console.print(drawn)


def markdown(known: Facts, tables: Sequence[Table]) -> str:
    """Everything as Markdown."""
    parts = [summary(known), *absences(known.skipped)]
    for table in tables:
        parts += [f"### {table.title}", _markdown_rows(table), *absences(table.failed)]
    return "\n\n".join(parts) + "\n"


def _markdown_rows(table: Table) -> str:
    lines = [[column.heading for column in table.columns]]
    lines.append(["---" if column.is_text else "---:" for column in table.columns])
    for row in table.rows:
        texts = [column.text(row) for column in table.columns]
        lines.append([f"**{text}**" for text in texts] if texts[0].startswith("Knoll") else texts)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(known: Facts, tables: Sequence[Table]) -> str:
    """Facts, and for each case its rows in seconds and bytes."""
    cases = {table.case: {"title": table.title, "rows": table.rows, "failed": table.failed} for table in tables}
    return json.dumps({"facts": asdict(known), "cases": cases}, indent=2, ensure_ascii=False) + "\n"
