"""The view of what can be taken away: programs in five libraries, pictures, animations, a page that works alone."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knoll.animate.builder import animate
from knoll.animate.moment import moment
from knoll.animate.runs import cells_of
from knoll.document import Block, Code, Document, Heading, Listing, Paragraph, Picture
from knoll.draw import Scene
from knoll.explain import explanation_of
from knoll.lab.code import LIBRARIES, Library, Program, program_of
from knoll.lab.image import Images
from knoll.lab.setting import Setting
from knoll.lab.subject import Subject, subject_of
from knoll.lab.views.cell import animation, middle
from knoll.messages import Language, sentence
from knoll.views.features import show

PACKAGES: Mapping[Library, str] = {
    "pytorch": "torch numpy", "keras": "keras tensorflow numpy", "onnx": "onnx numpy",
    "numpy": "numpy",
}  # fmt: skip
"""What the programs import, and what Keras computes with; Knoll is in no package index."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A program: the library, its text, and what is said of differences; no text where there is no such layer."""

    library: str
    name: str
    text: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakeawayView:
    """The programs, what the first prints at the end, and the names of the files that can be saved."""

    programs: tuple[Taken, ...]
    prints: str
    files: tuple[str, ...]


def takeaway_view(setting: Setting, images: Images) -> TakeawayView:
    """What can be taken away of a setting. Raises what making the layer raises."""
    with warnings.catch_warnings(action="ignore"):
        subject = subject_of(setting, images)
        cells = cells_of(subject.layer, *subject.arrays)
        index = _index(setting, subject, middle(cells))
        found = [program_of(library, setting.layer, subject, index) for library in LIBRARIES]
    programs = tuple(
        Taken(each.library, LIBRARIES[each.library], each.text, _notes(each, setting.language)) for each in found
    )
    return TakeawayView(programs, f"{tuple(cells.result.shape)}\n{cells.result[index]:.7g}", tuple(FILES))


def _notes(program: Program, language: Language) -> tuple[str, ...]:
    """What a program needs, and where its library differs."""
    packages = PACKAGES.get(program.library)
    needed = sentence("lab.needs_knoll") if packages is None else sentence("lab.needs", packages=packages)
    return tuple(note.text(language) for note in (*([needed] if program.text else ()), *program.notes))


def _index(setting: Setting, subject: Subject, usual: tuple[int, ...]) -> tuple[int, ...]:
    """The chosen number, where the output has it, else the usual one."""
    cell, shape = setting.cell, subject.output
    fits = cell is not None and len(cell) == len(shape) and all(i < size for i, size in zip(cell, shape, strict=True))
    return cell if fits and cell is not None else usual


def picture(setting: Setting, images: Images) -> Scene:
    """What is given beside each channel of what is made; of rows of numbers how one number comes about."""
    with warnings.catch_warnings(action="ignore"):
        subject = subject_of(setting, images)
        first = subject.arrays[0]
        if first.ndim == 4 and len(subject.output) == 4 and len(subject.arrays) == 1:
            return show(subject.layer, first[0]).scene()
        cells = cells_of(subject.layer, *subject.arrays)
        return moment(cells, _index(setting, subject, middle(cells))).scene


def page_alone(setting: Setting, images: Images) -> str:
    """The words, the picture, the animation and a program on one page, which needs no other file and no network."""
    with warnings.catch_warnings(action="ignore"):
        subject = subject_of(setting, images)
        told = explanation_of(subject.layer, *subject.arrays).document()
        moving = animate(subject.layer, *subject.arrays)
        index = _index(setting, subject, middle(cells_of(subject.layer, *subject.arrays)))
        program = program_of("knoll", setting.layer, subject, index)
    blocks: tuple[Block, ...] = (
        *told.blocks[:1],
        Picture(picture(setting, images), sentence("lab.picture")),
        Picture(moving, sentence("lab.animation")),
        *told.blocks[1:],
        Heading(sentence("lab.program")),
        Paragraph(sentence("lab.program_words")),
        Listing(program.text),
    )
    return Document(Code(setting.layer), blocks).html(setting.language, page=True)


@dataclass(frozen=True, slots=True)
class File:
    """A file that can be saved: its kind for a browser, and its content."""

    kind: str
    content: Callable[[Setting, Images], str | bytes]


FILES: Mapping[str, File] = {
    "lab.html": File("text/html", page_alone),
    "picture.svg": File("image/svg+xml", lambda s, i: picture(s, i).svg(language=s.language)),
    "picture.png": File("image/png", lambda s, i: picture(s, i).png(language=s.language)),
    "animation.html": File("text/html", lambda s, i: animation(s, i).page(language=s.language)),
    "animation.svg": File("image/svg+xml", lambda s, i: animation(s, i).svg(language=s.language)),
    "animation.gif": File("image/gif", lambda s, i: animation(s, i).gif(language=s.language)),
}
"""The files by their names."""
