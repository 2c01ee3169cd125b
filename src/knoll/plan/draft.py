"""The builder of a plan: buffers and steps are added; at the end scratch memory is allocated by liveness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from knoll.graph.sizes import round_up
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import NO_HALO, Images
from knoll.plan.phase_key import PREPARE, PhaseKey, Section
from knoll.plan.plan import Buffer, Kind, Phase, Plan, Step


@dataclass(eq=False)
class Draft:
    """Buffers by number, and the steps of each phase."""

    buffers: list[Buffer] = field(default_factory=list)
    steps: dict[PhaseKey, list[Step]] = field(default_factory=dict)

    def buffer(self, kind: Kind, element: str, size: int, note: str, images: Images | None = None) -> Buffer:
        """A new buffer."""
        self.buffers.append(Buffer(len(self.buffers), kind, element, size, note, images))
        return self.buffers[-1]

    def step(self, phase_key: PhaseKey, kernel: Kernel, *buffers: Buffer, combines: bool = False) -> None:
        """A new step at the end of a phase."""
        assert len(buffers) == kernel.pointers, (kernel.title, buffers)
        self.steps.setdefault(phase_key, []).append(Step(kernel, buffers, combines))

    def plan(
        self,
        inputs: Sequence[Buffer],
        outputs: Sequence[Buffer],
        doutputs: Sequence[Buffer],
        gradients: Sequence[Buffer],
    ) -> Plan:
        """The finished plan: buffers that are live across phases are saved, the others share a thread's scratch."""
        final = {b.number: b for b in self._allocated(self._with_saved())}

        def final_of(buffers: Sequence[Buffer]) -> tuple[Buffer, ...]:
            return tuple(final[b.number] for b in buffers)

        def phase(phase_key: PhaseKey) -> Phase:
            steps = tuple(replace(step, buffers=final_of(step.buffers)) for step in self.steps.get(phase_key, []))
            return Phase(repr(phase_key), steps, phase_key.by_samples)

        def phases(section: Section) -> tuple[Phase, ...]:
            return tuple(phase(phase_key) for phase_key in sorted(self.steps) if phase_key.section is section)

        return Plan(
            tuple(final[b.number] for b in self.buffers),
            phase(PREPARE),
            phases(Section.FORWARD),
            phases(Section.BACKWARD),
            *(final_of(group) for group in (inputs, outputs, doutputs, gradients)),
        )

    def _uses(self) -> dict[int, list[tuple[int, int]]]:
        """The uses of each buffer, as pairs (phase, step); it is live from the first to the last."""
        uses: dict[int, list[tuple[int, int]]] = {}
        for p, phase_key in enumerate(sorted(self.steps)):
            for s, step in enumerate(self.steps[phase_key]):
                for buffer in step.buffers:
                    uses.setdefault(buffer.number, []).append((p, s))
        return uses

    def _with_saved(self) -> list[Buffer]:
        """The buffers, with scratch that is live across phases turned into saved memory."""
        uses = self._uses()
        return [
            replace(b, kind=Kind.SAVED)
            if b.kind is Kind.SCRATCH and len({p for p, _ in uses.get(b.number, [])}) > 1
            else b
            for b in self.buffers
        ]

    def _allocated(self, buffers: list[Buffer]) -> list[Buffer]:
        """The buffers with offsets in scratch memory, in bytes per sample of a micro-batch; dead memory is reused.

        Halos are zeroed only once, so a buffer with a halo shares its memory with no other.
        """
        uses, top = self._uses(), 0
        free: list[tuple[int, int, tuple[int, int]]] = []  # (offset, bytes, last use)
        placed: dict[int, Buffer] = {}
        scratch = [b for b in buffers if b.kind is Kind.SCRATCH and b.number in uses]
        for buffer in sorted(scratch, key=lambda b: min(uses[b.number])):
            size, first, last = round_up(buffer.bytes, 64), min(uses[buffer.number]), max(uses[buffer.number])
            shares = buffer.images is None or buffer.images.halo == NO_HALO
            fit = next((slot for slot in free if shares and slot[1] >= size and slot[2] < first), None)
            if fit:
                free.remove(fit)
            offset, space = (fit[0], fit[1]) if fit else (top, size)
            top = max(top, offset + space)
            if shares:
                free.append((offset, space, last))
            placed[buffer.number] = replace(buffer, offset=offset)
        return [placed.get(b.number, b) for b in buffers]
