"""What the compiler makes of a network, stage by stage: graph, passes, fused steps, loops, assembly, speed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knoll.document import Line
from knoll.graph import Graph
from knoll.kernels.kernel import Kernel
from knoll.lab.markup import Html, change, element, figure, fold, joined, letter_for_letter, plain_text, scrolled, text
from knoll.lab.resources import Resources
from knoll.lab.room import room_of
from knoll.lab.setting import Setting, choice
from knoll.lab.views.choose import chooser, walk_of
from knoll.lab.walk import Walk
from knoll.llvm.compile import assembly
from knoll.messages import Sentence, sentence
from knoll.plan.passes import simplify
from knoll.plan.plan import Plan, Step
from knoll.run.measure import bytes_of
from knoll.run.program import Program
from knoll.views import roofline_picture, time_line
from knoll.views.builder import compiled, measurements
from knoll.views.graph_display import MOST, graph_picture
from knoll.views.measurements import Measurements
from knoll.views.summary import Mode, memory_text

MOST_LINES = 300  # of a listing
MOST_WORK = 1 << 31  # multiply-adds of a batch that is measured
DOES = (
    "winograd_weights", "combine_statistics", "running_average", "batch_norm_sums", "cross_entropy", "fold_weight",
    "fold_bias", "clear_halo", "fill_halo", "fold_halo", "max_unpool2d", "pool_indices", "label_sum", "batch_norm",
    "resample2d", "dot_conv2d", "conv2d", "winograd", "row_conv", "depthwise", "linear", "matmul", "bias", "pool",
    "add", "reorder", "pack",
    "statistics", "dx", "dw", "sum_pixels", "sum_all", "sum_along", "sum", "combine_all", "combine_mean",
    "combine", "scatter", "gather", "expand_along", "expand", "fill", "convert", "nll",
)  # fmt: skip
"""Parts of the names of kernels that have words in the catalogue, longer ones before those that they begin with."""
PART = re.compile(rf"(?:^|(?<=_))({'|'.join(DOES)})(?=_|$)")

PREPARE = "prepare"  # the phase that runs when weights have changed
MODES: tuple[Mode, ...] = ("eval", "train")


@dataclass(frozen=True, slots=True)
class CompilerView:
    """What the page shows of a compilation: how many operations there were, are left, and in how many steps."""

    html: Html
    recorded: int
    left: int
    steps: int
    step: int


@dataclass(frozen=True, eq=False)
class Compilation:
    """A network on its way to machine code: the graph as recorded and after each pass, the programs."""

    graph: Graph
    passes: tuple[tuple[str, Line, Graph], ...]
    program: Program

    @property
    def simplified(self) -> Graph:
        """The graph after all passes."""
        return self.passes[-1][2] if self.passes else self.graph

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans of all parts that have machine code."""
        return tuple(each.plan for each in self.program.compiled_programs())

    @property
    def steps(self) -> tuple[tuple[str, Step], ...]:
        """All steps, each with the name of its phase."""
        return tuple((phase.name, step) for plan in self.plans for phase in plan.phases for step in phase.steps)


def compilation(way: Walk, mode: Mode) -> Compilation:
    """The compilation of a network for inputs like its picture."""
    found = compiled(way.chosen.module, way.trace.inputs, mode, 1)
    passes: list[tuple[str, Line, Graph]] = []
    simplify(
        found.graph,
        bool(found.wrt),
        lambda each, after: passes.append((each.name, sentence(f"plan.{each.name}"), after)),
    )
    return Compilation(found.graph, tuple(passes), found.program)


def compiler_view(setting: Setting, resources: Resources) -> CompilerView:
    """The compiler at work on the network of a setting. Raises what `network_view` raises."""
    way = walk_of(setting, resources)
    mode = choice("mode", setting.options, MODES, "eval")
    with resources.progress.doing(sentence("lab_compiler.compiling")):
        found = compilation(way, mode)
    step, measured = _step(setting, found), None
    if setting.options.get("measure") and found.steps:
        with resources.progress.doing(sentence("lab_compiler.measuring")):
            measured = _measured(way, mode)
    return CompilerView(
        joined(
            chooser(setting, resources),
            element("p", text(sentence("lab_compiler.introduction"))),
            _modes(mode),
            *_stages(found, step, measured, room_of(setting)),
        ),
        len(found.graph.nodes),
        len(found.simplified.nodes),
        len(found.steps),
        step,
    )


def _step(setting: Setting, found: Compilation) -> int:
    """The step that is opened: by default the one with the most work."""
    written, count = setting.options.get("step", ""), len(found.steps)
    if written.isascii() and written.isdigit() and int(written) < count:
        return int(written)
    return max(range(count), key=lambda i: found.steps[i][1].kernel.work, default=0)


def _measured(way: Walk, mode: Mode) -> Measurements:
    work = sum(stop.line.multiply_adds for stop in way.stops)
    samples = next((each for each in (64, 16, 4) if each * work <= MOST_WORK), 1)
    return measurements(way.chosen.module, way.trace.inputs, mode, samples, rounds=3)


def _modes(mode: Mode) -> Html:
    buttons = (
        element(
            "button",
            text(sentence(f"lab_compiler.mode_{each}")),
            type="button",
            id=f"mode-{each}",
            aria_pressed="true" if each == mode else "false",
            data_set=change(mode=each, step=""),
        )
        for each in MODES
    )
    return element("div", *buttons, class_="switch", role="group", aria_label=plain_text(sentence("lab_compiler.mode")))


def _stages(found: Compilation, step: int, measured: Measurements | None, room: float) -> Iterator[Html]:
    yield _stage("graph", _graph(found.graph), is_open=True)
    yield _stage("passes", _passes(found), is_open=True)
    if not found.steps:
        yield element("p", text(sentence("run.numpy")))
        return
    kernel = found.steps[step][1].kernel
    yield _stage("plan", _plan(found, step), is_open=True)
    yield _stage("loops", _loops(kernel), is_open=True)
    yield _stage("assembly", _assembly(kernel))
    yield _stage("speed", _speed(measured, room), is_open=True)


def _stage(name: str, content: Html, is_open: bool = False) -> Html:
    """One stage, which folds."""
    told = element("p", text(sentence(f"lab_compiler.told_{name}")))
    return fold(f"stage-{name}", sentence(f"lab_compiler.{name}"), told, content, is_open=is_open, of_class="stage")


def _graph(graph: Graph) -> Html:
    told = element("p", text(sentence("views.graph_told", nodes=len(graph.nodes), work=graph.cost)))
    if len(graph.nodes) <= MOST // 2:
        return joined(
            told, figure(graph_picture(graph), sentence("views.graph_alternative")), _lines(graph, "graph-text")
        )
    return joined(told, _lines(graph, "graph-text"))


def _lines(graph: Graph, name: str) -> Html:
    words = sentence("lab_compiler.as_text")
    return fold(name, words, listing(repr(graph), words))


def listing(code: str, words: Line) -> Html:
    """Lines of code in a box that scrolls; of a long listing the first."""
    lines = code.rstrip("\n").split("\n")
    shown = "\n".join(lines[:MOST_LINES])
    box = scrolled(letter_for_letter(shown), words, "pre", "listing")
    if len(lines) <= MOST_LINES:
        return box
    told = sentence("lab_compiler.cut", shown=MOST_LINES, total=len(lines))
    return joined(box, element("p", text(told), class_="told"))


def _passes(found: Compilation) -> Html:
    """Each pass that changed the graph: what it does, and its operations before and after."""
    if not found.passes:
        return element("p", text(sentence("lab_compiler.no_pass")))
    items, before = [], found.graph
    for name, words, after in found.passes:
        items.append(
            element(
                "li",
                element("h3", element("code", Html(name))),
                element("p", text(words)),
                _counted(before, after),
                _lines(after, f"{name}-text"),
            )
        )
        before = after
    told = element("p", text(sentence("lab_compiler.changed", count=len(items))))
    return joined(told, element("ol", *items, class_="passes"))


def _counted(before: Graph, after: Graph) -> Html:
    """The kinds of operations of which there are more or fewer now."""
    old, new = (Counter(node.op.name for node in graph.nodes) for graph in (before, after))
    kinds = [kind for kind in {**old, **new} if old[kind] != new[kind]]
    if not kinds:
        return element("p", text(sentence("lab_compiler.moved", count=len(after.nodes))))
    head = ("operation", "before", "after")
    rows = [(kind, old[kind], new[kind]) for kind in sorted(kinds)]
    return table(
        [sentence(f"lab_compiler.{each}") for each in head],
        [(element("code", Html(kind)), Html(a), Html(b)) for kind, a, b in rows],
        sentence("lab_compiler.operation"),
    )


def table(head: Sequence[Line], rows: Sequence[Sequence[Html]], words: Line) -> Html:
    """A table; where it is too wide each of its rows is a list of names and values."""
    top = (element("th", text(each), scope="col") for each in head)
    named = [plain_text(each) for each in head]
    body = (
        element("tr", *(element("td", cell, data_name=name) for name, cell in zip(named, row, strict=True)))
        for row in rows
    )
    inner = element("table", element("thead", element("tr", *top)), element("tbody", *body))
    return scrolled(inner, words)


def _plan(found: Compilation, opened: int) -> Html:
    """The steps of a call, each a button that opens its loops; those that prepare weights are folded."""
    numbered = [*enumerate(found.steps)]
    calls = [(number, phase, step) for number, (phase, step) in numbered if phase != PREPARE]
    once = [(number, phase, step) for number, (phase, step) in numbered if phase == PREPARE]
    told = sentence("lab_compiler.fused", operations=len(found.simplified.nodes), steps=len(calls))
    parts = [element("p", text(told)), _steps(calls, opened)]
    if once:
        words = sentence("lab_compiler.once", count=len(once))
        is_open = any(number == opened for number, *_ in once)
        parts.append(fold("once", words, _steps(once, opened), is_open=is_open))
    return joined(*parts)


def _steps(steps: Sequence[tuple[int, str, Step]], opened: int) -> Html:
    rows = []
    for row, (number, phase, step) in enumerate(steps, 1):
        button = element(
            "button",
            element("code", Html(step.kernel.title)),
            type="button",
            id=f"step-{number}",
            aria_current="step" if number == opened else None,
            data_set=change(step=number),
        )
        work = step.kernel.work
        memory = memory_text(bytes_of(step, 1))
        does = text(parts_of(step.kernel.title))
        rows.append(
            (Html(row), text(phase_words(phase)), button, does, Html(f"{work:,}" if work else "–"), Html(memory))
        )
    own = {"number": sentence("lab_compiler.number"), "does": sentence("lab_compiler.does")}
    names = ("number", "phase", "step", "does", "multiply_adds", "memory")
    head = [own[each] if each in own else sentence(f"views.column_{each}") for each in names]
    return table(head, rows, sentence("lab_compiler.plan"))


def parts_of(title: str) -> Sentence:
    """What a step does, from the name of its kernel: the operations that are fused in it, in order.

    >>> parts_of("winograd_bias_add_relu_64x56x56_64_k3x3").text("en")
    "convolution by Winograd's algorithm, bias, sum with another result, relu"
    """
    name = re.split(r"_(?=n?x?\d|k\d)", title)[0].replace("max_pool2d", "pool")
    parts = [part.strip("_") for part in PART.split(name)]
    words = [sentence(f"lab_compiler.does_{part}") if part in DOES else part for part in parts if part]
    return sentence("lab_compiler.together", parts=words)


def phase_words(name: str) -> Line:
    """The name of a phase of a plan, as `forward 1 combine`, in words."""
    words = (word if word.isdigit() else sentence(f"lab_compiler.phase_{word}") for word in name.split())
    return tuple(each for word in words for each in (" ", word))[1:]


def _loops(kernel: Kernel) -> Html:
    return _of_kernel(kernel, kernel.written().listing(), sentence("lab_compiler.loops"))


def _assembly(kernel: Kernel) -> Html:
    code = assembly(kernel.written().text(), kernel.machine)
    return _of_kernel(kernel, code, sentence("lab_compiler.assembly"))


def _of_kernel(kernel: Kernel, code: str, words: Line) -> Html:
    title = element("p", element("code", Html(kernel.title)), Html(f" · {kernel.machine.name}"))
    return joined(title, listing(code, words))


def _speed(measured: Measurements | None, room: float) -> Html:
    """The measured time of each step below the roof of the machine; a button where nothing was measured yet."""
    if measured is None:
        words = text(sentence("lab_compiler.measure"))
        return element("button", words, type="button", id="measure", class_="primary", data_set=change(measure=1))
    head = [sentence(f"views.column_{each}") for each in ("phase", "step", "milliseconds", "gflops", "share")]
    rows = []
    for step in measured.steps:
        if step.phase == PREPARE:
            continue
        rates = (f"{step.gflops:.1f}", f"{step.gflops / measured.peak:.0%}") if step.flops else ("–", "–")
        code = element("code", Html(step.title))
        rows.append((text(phase_words(step.phase)), code, Html(f"{step.milliseconds:.3f}"), *map(Html, rates)))
    told = sentence(
        "views.timed",
        samples=measured.samples,
        peak=round(measured.peak, 1),
        bandwidth=round(measured.bandwidth, 1),
    )
    parts = [element("p", text(told)), table(head, rows, sentence("views.times"))]
    parts.append(element("p", text(sentence("views.beyond_peak")), class_="told"))
    if any(step.flops for step in measured.steps):
        parts.append(element("p", text(sentence("lab_compiler.roofline_told"))))
        parts.append(figure(roofline_picture(measured, room=room), sentence("lab_compiler.roofline")))
    parts.append(figure(time_line(measured, 1, room=room), sentence("lab_compiler.time_line")))
    return joined(*parts)
