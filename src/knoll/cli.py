"""The command `knoll`: train, predict, show, bench.

Whatever a command needs is imported when it runs, so that `knoll --help` answers at once. The help is taken from the
catalogue: annotations are texts that cyclopts evaluates after the language is known.
"""

from __future__ import annotations

import codecs
import io
import math
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from cyclopts import App, CycloptsError, Group, Parameter
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from knoll.errors import ArgumentError, KnollError, UnsupportedError
from knoll.language import set_language
from knoll.messages import LANGUAGES, Language, say

if TYPE_CHECKING:
    from knoll.train.confusion import Confusion
    from knoll.train.job import Outcome
    from knoll.train.predict import Prediction
    from knoll.train.segment import Segmentation
    from knoll.train.weights import Network

INTERRUPTED = 130  # what a shell reports of a program that Ctrl-C ended
_PLAIN = {"×": "x", "–": "-", "—": "-", "…": "...", "█": "#", "·": "*", "→": "->", "−": "-", "²": "2"}
_LIKELIEST = 3
_BAR = 30

STAGES = ("graph", "passes", "plan", "loops", "llvm", "asm", "times")


def option(name: str) -> Parameter:
    """What the help says of an option."""
    return Parameter(help=say(f"cli.option_{name}"))


def flag(name: str) -> Parameter:
    """What the help says of an option that takes no value."""
    return Parameter(help=say(f"cli.option_{name}"), negative="", show_default=False)


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    """Options of every command; `main` acts on them before the command is known."""

    lang: Annotated[Language | None, option("lang")] = None
    debug: Annotated[bool, flag("debug")] = False


_COMMON = Common()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 1 for an error that is explained, 130 for Ctrl-C."""
    tokens = list(sys.argv[1:] if arguments is None else arguments)
    _write_whatever_comes()
    debug = "--debug" in tokens or os.environ.get("KNOLL_DEBUG", "") not in ("", "0")
    try:
        _speak(tokens)
        code = _app()(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except KnollError as error:
        if debug:
            raise
        complain(str(error))
        return 1
    except CycloptsError as error:
        complain(f"{error}\n{say('cli.see_help')}")
        return 1
    except BrokenPipeError:
        # The reader of a pipe, as `head`, has gone; without this Python would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        complain(say("cli.interrupted"))
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def _write_whatever_comes() -> None:
    """Let no output fail for want of letters: what an encoding lacks is written in letters that it has."""
    codecs.register_error("knoll", _in_plain_letters)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the shell
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (as long as the program runs)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="knoll")


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter) or ascii(letter)[1:-1] for letter in letters), error.end


def complain(text: str) -> None:
    """Print an error to the error stream, its first line in red."""
    first, *rest = text.split("\n")
    console = Console(stderr=True)
    console.print(Text(first, style="bold red"), soft_wrap=True)
    for line in rest:
        console.print(Text(line), soft_wrap=True)


def train(
    *,
    model: Annotated[str | None, option("model")] = None,
    data: Annotated[str | None, option("data")] = None,
    root: Annotated[str | None, option("root")] = None,
    download: Annotated[bool, flag("download")] = False,
    size: Annotated[str | None, option("size")] = None,
    ignore: Annotated[int | None, option("ignore")] = None,
    balanced: Annotated[bool, flag("balanced")] = False,
    epochs: Annotated[int | None, option("epochs")] = None,
    batch_size: Annotated[int | None, option("batch_size")] = None,
    lr: Annotated[float | None, option("lr")] = None,
    optimizer: Annotated[str | None, option("optimizer")] = None,
    momentum: Annotated[float | None, option("momentum")] = None,
    weight_decay: Annotated[float | None, option("weight_decay")] = None,
    seed: Annotated[int | None, option("seed")] = None,
    threads: Annotated[int | None, option("threads")] = None,
    resume: Annotated[Path | None, option("resume")] = None,
    out: Annotated[Path | None, option("out")] = None,
    common: Common = _COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Train a network."""
    from knoll.train.configuration import Configuration
    from knoll.train.job import begin
    from knoll.train.job import resume as go_on

    chosen = {
        "model": model,
        "root": root,
        "size": size,
        "ignore": ignore,
        "balanced": balanced or None,
        "epochs": epochs,
        "batch_size": batch_size,
        "lr": lr,
        "optimizer": optimizer,
        "momentum": momentum,
        "weight_decay": weight_decay,
        "seed": seed,
    }
    if threads is not None:
        from knoll.run.threads import set_num_threads

        set_num_threads(threads)
    console = Console()
    if resume is not None:
        outcome = go_on(resume, console, **chosen, data=data, out=out, download=download or None)
    else:
        outcome = begin(Configuration.recipe(data or "digits", **chosen), console, out, download)
    return _conclude(outcome, console)


def predict(
    weights: Annotated[Path, option("weights")],
    images: Annotated[list[Path], option("images")],
    /,
    *,
    truth: Annotated[Path | None, option("truth")] = None,
    out: Annotated[Path | None, option("pictures_out")] = None,
    common: Common = _COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Say which class each picture, or each of its pixels, shows."""
    from knoll.train.weights import load_network

    network = load_network(weights)
    console = Console()
    for note in network.notes:
        console.print(Text(say("cli.note", note=note), style="yellow"), soft_wrap=True)
    failed = 0
    for path in images:
        try:
            if network.is_segmenter:
                _segment(console, network, path, truth, out or weights)
            else:
                _classify(console, network, path)
        except KnollError as error:
            complain(str(error))
            failed += 1
    return 1 if failed else 0


def show(
    *names: Annotated[str, option("shown")],
    model: Annotated[str | None, option("shown_model")] = None,
    batch: Annotated[int, option("batch")] = 64,
    train: Annotated[bool, flag("train")] = False,
    common: Common = _COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Print the layers of a network, or what a stage of the compiler makes of it."""
    from knoll.nn.show import show as stage_text
    from knoll.tensor import zeros
    from knoll.train.summary import summary
    from knoll.vision.models import get_model

    if batch < 1:
        raise ArgumentError(say("cli.batch", batch=batch))
    stage, named = _stage_and_model(names)
    network = get_model(model or named or "practice").train(train)
    if stage is None:
        Console().print(summary(network, network.input_shape))
    else:
        print(stage_text(stage, network, zeros(batch, *network.input_shape), backward=train))
    return 0


def _stage_and_model(names: Sequence[str]) -> tuple[str | None, str | None]:
    """The stage and the network among the words that were given, in any order."""
    from knoll.vision.models import list_models

    stages, models = ([name for name in names if name in known] for known in (STAGES, list_models()))
    unknown = [name for name in names if name not in (*stages, *models)]
    if unknown or len(stages) > 1 or len(models) > 1:
        raise ArgumentError(
            say("cli.shown_one"),
            expected=say("cli.shown_names", stages=", ".join(STAGES), models=", ".join(list_models())),
            came=" ".join(names),
        )
    return next(iter(stages), None), next(iter(models), None)


def bench(
    *words: Annotated[str, Parameter(help=say("cli.option_words"), allow_leading_hyphen=True)],
    common: Common = _COMMON,  # noqa: ARG001 (main reads it)
) -> int:
    """Measure Knoll beside its rivals; the benchmarks are in a checkout, not in the package.

    In that of the package alone: whatever lies in the folder where the command is typed is not run unasked.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / "benchmarks" / "rivals" / "knoll.py").is_file():
        raise UnsupportedError(say("bench.no_checkout"), advice=say("bench.from_checkout"))
    sys.path.insert(0, str(root))
    measure = import_module("benchmarks.__main__").app
    return int(measure(words, exit_on_error=False, print_error=False, result_action="return_value") or 0)


def _app() -> App:
    """The commands, their help in the language spoken now."""
    import knoll

    commands, options, given = (Group(say(f"cli.group_{name}")) for name in ("commands", "options", "arguments"))

    def app(name: str, version: str | None) -> App:
        made = App(
            name,
            help=say(f"cli.{name}"),
            version=version,
            version_flags=("--version",) if version else (),
            group_commands=commands,
            group_parameters=options,
            group_arguments=given,
        )
        for word in (*made.help_flags, *made.version_flags):
            made[word].help = say(f"cli.option_{'help' if word in made.help_flags else 'version'}")
        return made

    whole = app("knoll", knoll.__version__)
    for command in (train, predict, show, bench):
        part = app(command.__name__, None)
        part.default(command)
        whole.command(part)
    return whole


def _speak(tokens: Sequence[str]) -> None:
    """Take the language from the command line before anything is said. Raises ArgumentError for an unknown one."""
    named = os.environ.get("KNOLL_LANG", "")
    if named and not named.lower().startswith(LANGUAGES):
        raise ArgumentError(say("messages.language", language=f"KNOLL_LANG={named}"))
    for place, token in enumerate(tokens):
        name, equals, value = token.partition("=")
        if name == "--lang" and (equals or place + 1 < len(tokens)):
            set_language(cast("Language", value if equals else tokens[place + 1]))


def _conclude(outcome: Outcome, console: Console) -> int:
    """Say where everything is and what to type next."""
    from knoll.train.run_folder import RUNS

    run = outcome.run
    if outcome.report is None:
        console.print(say("cli.stopped", epoch=outcome.epoch + 1, step=outcome.step), soft_wrap=True, highlight=False)
        _print_next(console, [f"knoll train --resume {shlex.quote(str(run.path))}"])
        return outcome.stop.exit_code
    test, confusion, segmented = outcome.report.test, outcome.report.confusion, outcome.source.is_segmented
    console.print(
        say(
            "cli.tested_pixels" if segmented else "cli.tested",
            accuracy=f"{test.accuracy:.1%}",
            correct=f"{test.correct:,}",
            labels=f"{test.labels:,}",
            seconds=f"{outcome.seconds:.1f}",
        ),
        style="bold green",
        soft_wrap=True,
        highlight=False,
    )
    if segmented:
        _print_iou(console, outcome.source.classes, confusion)
    console.print(say("cli.places", run=run.path, weights=run.weights), soft_wrap=True, highlight=False)
    install = "" if find_spec("tensorboard") else "  # pip install tensorboard"
    logs = RUNS if run.path.parent == RUNS else run.path  # all trainings side by side, where they have a folder
    _print_next(
        console,
        [
            f"knoll predict {shlex.quote(str(run.path))} {shlex.quote(str(run.example))}"
            + (f" --truth {shlex.quote(str(run.example_mask))}" if segmented else ""),
            f"tensorboard --logdir {shlex.quote(str(logs))}{install}",
        ],
    )
    return 0


def _print_next(console: Console, commands: Iterable[str]) -> None:
    console.print(say("cli.next"))
    for command in commands:
        console.print(Text("  " + command, style="cyan"), soft_wrap=True)


def _classify(console: Console, network: Network, path: Path) -> None:
    from knoll.train.predict import predict as look_at

    prediction = look_at(network, path)
    _print_head(console, prediction)
    _print_bars(console, prediction.classes[:_LIKELIEST])


def _segment(console: Console, network: Network, path: Path, truth: Path | None, out: Path) -> None:
    """Write the picture of the classes into the folder `out`, or beside it if it is a file, and say what is in it."""
    from knoll.train.segment import mask_of, save_picture, segment

    seen = segment(network, path, mask_of(path, truth) if truth else None)
    _print_head(console, seen)
    if seen.confusion is None:
        _print_bars(console, [(network.classes[number], share) for number, share in seen.shares])
    else:
        accuracy = f"{seen.confusion.accuracy:.1%}"
        console.print("  " + say("cli.right_pixels", accuracy=accuracy), soft_wrap=True, highlight=False)
        _print_iou(console, network.classes, seen.confusion)
    picture = (out.parent if out.is_file() else out) / f"{path.stem}.classes.png"
    save_picture(seen, network, picture)
    console.print(Text("  " + say("cli.written", path=picture)), soft_wrap=True)


def _print_head(console: Console, seen: Prediction | Segmentation) -> None:
    console.print(Text(str(seen.path), style="bold"), soft_wrap=True)
    for note in seen.notes:
        console.print(Text("  " + say("cli.note", note=note), style="yellow"), soft_wrap=True)


def _print_iou(console: Console, classes: Sequence[str], confusion: Confusion) -> None:
    """The intersection over union of each class that occurs."""
    console.print("  " + say("cli.iou", mean=f"{confusion.mean_iou:.1%}"), highlight=False)
    shares = zip(classes, confusion.iou.tolist(), strict=True)
    _print_bars(console, [(name, share) for name, share in shares if not math.isnan(share)])


def _print_bars(console: Console, shares: Sequence[tuple[str, float]]) -> None:
    width = max((cell_len(name) for name, _ in shares), default=0)
    for name, share in shares:
        bar = "█" * round(share * _BAR)
        line = Text(f"  {set_cell_size(name, width)}  {share:6.1%}  ").append(bar, "green")
        console.print(line, soft_wrap=True)
