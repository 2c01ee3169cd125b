"""The builder of a plan: buffers and steps are added; at the end memory is allocated by liveness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.clear_halo import ClearHalo
from knoll.kernels.layout.layout import NO_HALO, Images
from knoll.plan.fusion.row_fusion import row_fusions
from knoll.plan.phase_key import PREPARE, PhaseKey, Section
from knoll.plan.placement import ALWAYS, Lifetime, Moment, halos_to_clear, packed_by_size, placed
from knoll.plan.plan import Buffer, Kind, Phase, Plan, RowFusion, Step, fused

SHARED = (Kind.SCRATCH, Kind.SAVED, Kind.PARTIAL, Kind.REDUCED)  # kinds whose buffers share one memory


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
        """The finished plan: buffers that are live across phases are saved, the others lie in a thread's scratch."""
        final = {b.number: b for b in self._allocated(self._with_saved())}
        waiting = halos_to_clear(b for b in final.values() if b.kind is Kind.SAVED)

        def final_of(buffers: Sequence[Buffer]) -> tuple[Buffer, ...]:
            return tuple(final[b.number] for b in buffers)

        def phase(phase_key: PhaseKey) -> Phase:
            steps, fusions = list[Step](), list[RowFusion]()
            for run, fusion in fused(self.steps.get(phase_key, []), self._fusions.get(phase_key, ())):
                drafted = [replace(step, buffers=final_of(step.buffers)) for step in run]
                for step in drafted:
                    steps += [_clearing(step.kernel, b) for b in dict.fromkeys(step.buffers) if b.number in waiting]
                    waiting.difference_update(b.number for b in step.buffers)
                fusions += [replace(fusion, first=len(steps))] if fusion else []
                steps += drafted
            return Phase(repr(phase_key), tuple(steps), phase_key.by_samples, tuple(fusions))

        def phases(section: Section) -> tuple[Phase, ...]:
            return tuple(phase(phase_key) for phase_key in sorted(self.steps) if phase_key.section is section)

        return Plan(
            tuple(final[b.number] for b in self.buffers),
            phase(PREPARE),
            phases(Section.FORWARD),
            phases(Section.BACKWARD),
            *(final_of(group) for group in (inputs, outputs, doutputs, gradients)),
        )

    def _uses(self) -> dict[int, list[Moment]]:
        """The uses of each buffer; it is live from the first to the last."""
        uses: dict[int, list[Moment]] = {}
        for p, phase_key in enumerate(sorted(self.steps)):
            for s, step in enumerate(self.steps[phase_key]):
                for buffer in step.buffers:
                    uses.setdefault(buffer.number, []).append((p, s))
            for fusion in self._fusions.get(phase_key, ()):
                ends = (p, fusion.first), (p, fusion.first + fusion.count - 1)
                for step in self.steps[phase_key][fusion.first :][: fusion.count]:
                    for buffer in step.buffers:
                        uses[buffer.number] += ends
        return uses

    @cached_property
    def _fusions(self) -> dict[PhaseKey, tuple[RowFusion, ...]]:
        """The steps of each phase that run by rows: what they read and write is live as long as any of them runs."""
        return {key: row_fusions(steps) for key, steps in self.steps.items() if key.by_samples}

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
        """The buffers with their offsets in the memory of their kind, in bytes for each unit; dead memory is reused."""
        uses, padded = self._uses(), self._padded_in_place()
        offsets: dict[int, int] = {}
        for kind in SHARED:
            mine = [b for b in buffers if b.kind is kind and b.number in uses]
            place = placed if kind is Kind.SCRATCH else packed_by_size
            offsets |= place((b, ALWAYS if b.number in padded else self._lifetime(b, uses[b.number])) for b in mine)
        return [replace(b, offset=offsets.get(b.number, 0)) for b in buffers]

    def _padded_in_place(self) -> set[int]:
        """The buffers with a halo that is no longer zero: steps see them in several layouts."""
        seen = {(b.number, b.images) for steps in self.steps.values() for step in steps for b in step.buffers}
        halos = {number for number, images in seen if images is not None and images.halo != NO_HALO}
        several = Counter(number for number, _ in seen)
        return {number for number in halos if several[number] > 1}

    def _lifetime(self, buffer: Buffer, uses: list[Moment]) -> Lifetime:
        """The first and the last use of a buffer.

        Threads are at different steps of a phase, so only what each thread has of its own may end within one.
        """
        first, last = min(uses), max(uses)
        return (first, last) if buffer.kind is Kind.SCRATCH else ((first[0], 0), (last[0], 0))


def _clearing(kernel: Kernel, buffer: Buffer) -> Step:
    """The step that clears the halo of a buffer before a kernel uses it for the first time."""
    assert buffer.images is not None
    return Step(ClearHalo(kernel.machine, buffer.element, buffer.images), (buffer,))
