"""The text of a function in LLVM IR while it is written, and an outline of its loops for people."""

from __future__ import annotations

from collections import Counter

ARGUMENTS = ("count", "first_part", "last_part", "fresh", "batch")


class Function:
    """Instructions in order, in blocks; what they need before them; and how many of each kind every loop has."""

    def __init__(self, name: str, vector_bytes: int) -> None:
        self.name = name
        self._vector_bytes = vector_bytes
        self._declared: set[str] = set()
        self._allocas: list[str] = []
        self._lines: list[str] = []
        self._names = 0
        self._block = "entry"
        self._listing: list[str] = []
        self._counts: Counter[str] = Counter()
        self._depth = 0

    def emit(self, text: str, kind: str | None = None) -> str:
        """Add an instruction that has a result; give the result's name."""
        self._names += 1
        name = f"%v{self._names}"
        self._lines.append(f"  {name} = {text}")
        if kind:
            self._counts[kind] += 1
        return name

    def do(self, text: str, kind: str | None = None) -> None:
        """Add an instruction without a result."""
        self._lines.append(f"  {text}")
        if kind:
            self._counts[kind] += 1

    def declare(self, text: str) -> None:
        """Name an intrinsic that is used."""
        self._declared.add(text)

    @property
    def length(self) -> int:
        """Lines written so far."""
        return len(self._lines)

    def text(self) -> str:
        """The LLVM IR of the whole function."""
        head = f"define void @{self.name}(ptr %table, " + ", ".join(f"i64 %{a}" for a in ARGUMENTS) + ") #0 {"
        width = 8 * self._vector_bytes
        attributes = (
            f'attributes #0 = {{ nounwind "prefer-vector-width"="{width}" "min-legal-vector-width"="{width}" }}'
        )
        return "\n".join(
            [*sorted(self._declared), head, "entry:", *self._allocas, *self._lines, "  ret void", "}", attributes]
        )

    def listing(self) -> str:
        """The loop nest, with the instructions of each body counted."""
        self._list_instructions()
        return "\n".join([self.name, *("  " + line for line in self._listing)])

    def _start_block(self, label: str, jump: bool = True) -> None:
        if jump:
            self.do(f"br label %{label}")
        self._lines.append(f"{label}:")
        self._block = label

    def _list_loop(self, words: str) -> None:
        """What comes now stands in this loop."""
        self._list_instructions()
        self._listing.append("  " * self._depth + words + ":")
        self._depth += 1

    def _list_loop_end(self) -> None:
        self._list_instructions()
        self._depth -= 1

    def _list_instructions(self) -> None:
        """Those since the last line of the listing."""
        if self._counts:
            words = ", ".join(f"{count} {kind}" for kind, count in self._counts.items())
            self._listing.append("  " * self._depth + words)
            self._counts.clear()
