"""The trainings of a folder as they are seen: how they stand, and all that they have written."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knoll.document import Line, Words
from knoll.draw import series
from knoll.draw.numerals import numeral
from knoll.graph.sizes import ceil_div
from knoll.lab.maps import address
from knoll.lab.markup import Html, change, element, figure, fold, joined, letter_for_letter, plain_text, scrolled, text
from knoll.lab.resources import Resources
from knoll.lab.runs import Run, Runs
from knoll.lab.setting import Setting
from knoll.messages import Sentence, language, sentence
from knoll.train.event_reader import EventReader, Histogram
from knoll.train.history import PARTS, place_of

MOST_COMPARED = 4
MOST_POINTS = 240  # of a curve that is drawn; more are averaged
MOST_PICTURE = 2 << 20  # bytes
PLANE = 280.0  # pixels: with its axis a plot is as wide as the page on a telephone
MAPS, CLASSES = "feature maps/", "classes"
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class TrainingView:
    """What the page shows of trainings: the one that is opened, those that it is compared with, their names.

    `version` is that of the folders before they were read: a later one has something new.
    """

    html: Html
    run: str
    compared: tuple[str, ...]
    names: tuple[str, ...]
    state: str
    version: str


def training_view(setting: Setting, resources: Resources) -> TrainingView:
    """The trainings of a setting. Raises EntryError for a run that is not there."""
    runs = resources.trainings
    names = runs.names()
    name = setting.options.get("run") or (names[0] if names else "")
    others = [each for each in setting.options.get("with", "").split("/") if each in names and each != name]
    compared = tuple(dict.fromkeys(others))[: MOST_COMPARED - 1]
    version = runs.version([name, *compared] if name else [])
    if not name:
        return TrainingView(_nothing(runs), "", (), (), "", version)
    opened = runs.run(name)
    return TrainingView(
        joined(_list(runs, names, opened, compared), _opened(runs, opened, compared, setting)),
        name,
        compared,
        tuple(names),
        opened.state,
        version,
    )


def _nothing(runs: Runs) -> Html:
    folder = str(runs.folder) if runs.folder is not None else "runs"
    return joined(
        element("p", text(sentence("lab_runs.nothing", folder=folder))),
        element("pre", letter_for_letter(_beginning(folder))),
    )


def _beginning(folder: str) -> str:
    """The command that begins a training in a folder of runs."""
    return "knoll train" if folder == "runs" else f"knoll train --out {shlex.quote(str(Path(folder) / 'first'))}"


def _list(runs: Runs, names: Sequence[str], opened: Run, compared: Sequence[str]) -> Html:
    """A table of all runs: a button to open each, a box to compare it."""
    columns = ("run", "state", "epoch", "accuracy", "loss", "compare")
    head = (element("th", text(sentence(f"lab_runs.{each}")), scope="col") for each in columns)
    rows = (_run_row(runs.run(each), opened.name, compared) for each in names)
    table = element("table", element("thead", element("tr", *head)), element("tbody", *rows))
    return scrolled(table, sentence("lab_runs.list"), of_class="scroll runs")


def _run_row(run: Run, opened: str, compared: Sequence[str]) -> Html:
    with_it = [each for each in compared if each != run.name]
    toggled = with_it if run.name in compared else [*with_it, run.name][: MOST_COMPARED - 1]
    is_open = run.name == opened
    choose = element(
        "button",
        text(run.name),
        type="button",
        id=f"run-{run.name}",
        aria_current="true" if is_open else None,
        data_set=change(**{"run": run.name, "with": "/".join(with_it)}),
    )
    box = element(
        "button",
        Html("✓" if run.name in compared else "+"),
        type="button",
        id=f"compare-{run.name}",
        aria_label=sentence("lab_runs.compare_with", name=run.name).text(),
        aria_pressed="true" if run.name in compared else "false",
        data_set=change(**{"with": "/".join(toggled)}),
        disabled=is_open,
    )
    cells = (
        choose,
        _badge(run),
        Html(f"{run.epoch} / {run.epochs}" if run.epochs else f"{run.epoch}"),
        Html("–" if run.accuracy is None else f"{run.accuracy:.1%}"),
        Html("–" if run.loss is None else numeral(run.loss)),
        box,
    )
    return element("tr", *(element("td", each) for each in cells))


def _badge(run: Run) -> Html:
    return element("span", text(sentence(f"lab_runs.{run.state}")), class_=f"state {run.state}")


def _opened(runs: Runs, run: Run, compared: Sequence[str], setting: Setting) -> Html:
    """One run: what can be done with it, and all that it has written."""
    reader, _ = runs.events(run.name)
    others = {}
    for name in compared:
        others[name] = runs.events(name)[0]
    return element(
        "section",
        element("h2", text(run.name), id="run-title"),
        element("p", text(_status(run)), aria_live="polite"),
        element("p", *_buttons(run), class_="onward"),
        *_faults(runs, run),
        *_curves({run.name: reader, **others}),
        *_diagnosis(runs.diagnosis(run.name)),
        *_histograms(reader, setting),
        *_pictures(reader, setting),
        class_="run",
        aria_labelledby="run-title",
    )


def _status(run: Run) -> Line:
    told: list[Words] = [sentence(f"lab_runs.told_{run.state}")]
    if (chosen := run.configuration) is not None:
        told.append(
            sentence(
                "lab_runs.recipe",
                model=chosen.model,
                data=chosen.data,
                optimizer=chosen.optimizer,
                lr=chosen.lr,
                batch_size=chosen.batch_size,
                seed=chosen.seed,
            )
        )
    return tuple(told)


def _buttons(run: Run) -> Iterator[Html]:
    if run.state == "running":
        yield _post("stop", run)
    if run.state == "stopped":
        yield _post("resume", run)
    walk = change(view="network", net=f"run:{run.name}", at="", place="")
    words = text(sentence("lab_runs.walk"))
    if run.state != "empty":
        yield element("button", words, type="button", id="run-walk", data_set=walk)


def _post(name: str, run: Run) -> Html:
    words = text(sentence(f"lab_runs.{name}"))
    return element(
        "button", words, type="button", id=f"run-{name}", class_="primary", data_post=name, data_run=run.name
    )


def _faults(runs: Runs, run: Run) -> Iterator[Html]:
    if run.fault:
        yield element("p", text(sentence("lab_runs.fault", reason=run.fault)), class_="error")
    said = runs.said(run.name).strip() if run.state in ("stopped", "starting") else ""
    if said:
        words = sentence("lab_runs.said")
        yield fold("said", words, scrolled(element("code", text(said)), words, "pre"))


def _curves(readers: Mapping[str, EventReader]) -> Iterator[Html]:
    """A picture for each group of curves, those of all runs in one; without a point there is none."""
    groups: dict[str, dict[str, Points]] = {}
    for name, reader in readers.items():
        for tag, points in sorted(reader.curves.items(), key=lambda each: place_of(each[0])):
            group = tag.partition("/")[0]
            if points and (len(readers) == 1 or tag.endswith("/test") or "/" not in tag):
                label = curve_name(tag).text() if len(readers) == 1 else f"{curve_name(tag).text()} · {name}"
                groups.setdefault(group, {})[label] = thinned(sorted(points.items()))
    if groups:
        yield element("h3", text(sentence("lab_runs.curves")))
        pictures = (
            figure(
                series(found, names=(sentence("views.steps"), curve_name(group)), wide=PLANE),
                sentence("train.curves", names=tuple(found)),
            )
            for group, found in sorted(groups.items(), key=lambda each: _ORDER.get(each[0], 9))
        )
        yield element("div", *pictures, class_="figures")


_CURVES = {"loss": "loss", "accuracy": "accuracy", "mean IoU": "mean_iou", "learning rate": "learning_rate"}


def curve_name(tag: str) -> Sentence:
    """What a curve shows, in words; one that was written by a program of the person's has its own name.

    >>> curve_name("loss/test").text("en"), curve_name("learning rate").text("en"), curve_name("my/tag").text("en")
    ('loss, test images', 'learning rate', 'my/tag')
    """
    what, _, part = tag.partition("/")
    if what not in _CURVES or (part and part not in PARTS):
        return sentence("lab_runs.curve", name=tag)
    name = sentence(f"lab_runs.curve_{_CURVES[what]}")
    return sentence("lab_runs.curve_of", name=name, part=sentence(f"lab_runs.part_{part}")) if part else name


_ORDER = {"loss": 0, "accuracy": 1, "mean IoU": 2}


def thinned(points: Points) -> Points:
    """At most 240 points: the mean of each few that follow one another.

    >>> len(thinned([(i, 0.0) for i in range(10_000)]))
    239
    """
    each = ceil_div(len(points), MOST_POINTS)
    if each == 1:
        return points
    groups = (points[i : i + each] for i in range(0, len(points), each))
    return [(sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group)) for group in groups]


def _diagnosis(found: Mapping[str, Any] | None) -> Iterator[Html]:
    """What the doctor found, as far as the file can be understood."""
    if found is None:
        return
    yield element("h3", text(sentence("lab_runs.doctor")))
    findings = [each for each in _list_of(found.get("findings")) if isinstance(each, Mapping)]
    losses = [each for each in _list_of(found.get("losses")) if isinstance(each, float | int)]
    if not findings:
        yield element("p", text(sentence("lab_runs.healthy", steps=len(losses))))
    for each in findings:
        words = [_sentence_text(each.get(name)) for name in ("what", "why", "fix")]
        title = element("strong", text(str(each.get("rule", ""))[:80]))
        told = (element("p", text(part)) for part in words if part)
        yield element("div", title, *told, class_="finding")


def _list_of(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _sentence_text(value: object) -> str:
    """The text of a sentence that was written as JSON."""
    words = value.get(language()) if isinstance(value, Mapping) else None
    return words[:2000] if isinstance(words, str) else ""


def _histograms(reader: EventReader, setting: Setting) -> Iterator[Html]:
    """The numbers of one parameter and of its gradient, after the first epoch and after the last."""
    names = [tag.partition("/")[2] for tag in reader.histograms if tag.startswith("weights/")]
    if not names:
        return
    wanted = setting.options.get("parameter", "")
    name = wanted if wanted in names else names[0]
    yield element("h3", text(sentence("lab_runs.histograms")))
    yield element("p", text(sentence("lab_runs.histograms_told")))
    yield _select("parameter", sentence("lab_runs.parameter"), names, name)
    pictures = []
    for kind in ("weights", "gradients"):
        found = {step: each for step, each in reader.histograms.get(f"{kind}/{name}", {}).items() if _is_sound(each)}
        if found:
            first, last = min(found), max(found)
            chosen = {sentence("lab_runs.at_step", step=step).text(): stairs(found[step]) for step in (first, last)}
            words = sentence(f"lab_runs.{kind}", name=name)
            scene = series(chosen, names=(words, sentence("lab_runs.share")), wide=PLANE)
            pictures.append(figure(scene, words))
    yield element("div", *pictures, class_="figures")


def _is_sound(histogram: Histogram) -> bool:
    return len(histogram.bounds) == len(histogram.counts) + 1 > 1 and sum(histogram.counts) > 0


def stairs(histogram: Histogram) -> Points:
    """The share of all numbers that lies in each bin, as the corners of a line.

    >>> stairs(Histogram((0.0, 1.0, 3.0), (3.0, 1.0)))
    [(0.0, 0.0), (0.0, 0.75), (1.0, 0.75), (1.0, 0.25), (3.0, 0.25), (3.0, 0.0)]
    """
    bounds, whole = histogram.bounds, sum(histogram.counts)
    shares = [count / whole for count in histogram.counts]
    bins = zip(bounds, bounds[1:], shares, strict=False)
    corners = (corner for low, high, share in bins for corner in ((low, share), (high, share)))
    return [(bounds[0], 0.0), *corners, (bounds[-1], 0.0)]


def _pictures(reader: EventReader, setting: Setting) -> Iterator[Html]:
    """What one layer makes of a test image now, and which class each pixel seems to have, where pixels have any."""
    names = [tag.removeprefix(MAPS) for tag in reader.pictures if tag.startswith(MAPS)]
    if not names:
        return
    wanted = setting.options.get("maps", "")
    name = wanted if wanted in names else names[0]
    yield element("h3", text(sentence("lab_runs.maps")))
    yield _select("maps", sentence("lab_runs.layer"), names, name)
    for tag in (MAPS + name, CLASSES):
        step, picture = reader.pictures.get(tag, (0, b""))
        if picture and len(picture) <= MOST_PICTURE:
            words = sentence("lab_runs.maps_at", layer=tag.removeprefix(MAPS), step=step)
            image = element("img", src=address(picture), alt=plain_text(words))
            yield element("figure", scrolled(image, words))


def _select(option: str, words: Sentence, names: Sequence[str], chosen: str) -> Html:
    options = (element("option", text(each), value=each, selected=each == chosen) for each in names)
    field = element("select", *options, id=f"choose-{option}", data_name=option)
    return element("label", element("span", text(words)), field, class_="choice")
