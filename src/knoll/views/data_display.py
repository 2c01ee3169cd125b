"""What data sets and loaders show of themselves: how much there is, of which classes, and some of the pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sized

import numpy as np

from knoll.data import ConcatDataset, DataLoader, Subset, TensorDataset
from knoll.document import Block, Cell, Code, Document, Heading, Paragraph, Picture, Table, Words
from knoll.messages import sentence
from knoll.views.embedded import embedded
from knoll.views.library import is_ours
from knoll.views.pictures import Pictures, pictures_of

MOST = 12  # parts and tensors that are listed


def dataset_html(dataset: object) -> str | None:
    """What a notebook shows of a data set; None for one of the user's own, whose samples only its own code knows."""
    return embedded(dataset_display(dataset)) if is_ours(dataset) else None


def loader_html(loader: DataLoader) -> str:
    """What a notebook shows of a loader."""
    return embedded(loader_display(loader))


def dataset_display(dataset: object) -> Document:
    """A data set of the library as a document."""
    return Document(Code(type(dataset).__name__), tuple(_blocks(dataset)))


def loader_display(loader: DataLoader) -> Document:
    """How a loader makes batches, and of what."""
    return Document(Code(type(loader).__name__), (*_settings(loader), *_source_blocks(loader.dataset)))


def _settings(loader: DataLoader) -> Iterator[Block]:
    rows: tuple[tuple[Cell, ...], ...] = (
        (Code("dataset"), type(loader.dataset).__name__),
        (sentence("views.samples"), _length(loader.dataset)),
        (Code("batch_size"), "–" if loader.batch_size is None else loader.batch_size),
        (sentence("views.batches"), _batches(loader)),
        (Code("shuffle"), str(bool(loader.shuffle))),
        (Code("drop_last"), str(loader.drop_last)),
        (Code("num_workers"), loader.num_workers),
    )
    yield Table((sentence("views.column_setting"), sentence("views.column_value")), rows)


def _batches(loader: DataLoader) -> Cell:
    known = is_ours(loader) and is_ours(loader.sampler) and _length(loader.dataset) != "?"
    return len(loader) if known else "?"


def _source_blocks(dataset: object) -> Iterator[Block]:
    if is_ours(dataset):
        yield Heading(Code(type(dataset).__name__))
        yield from _blocks(dataset)


def _length(dataset: object) -> int | str:
    """How many samples a data set has; one of the user's own is not asked."""
    known = is_ours(dataset) or type(dataset) in (list, tuple, range)
    return len(dataset) if known and isinstance(dataset, Sized) else "?"


def _blocks(dataset: object) -> Iterator[Block]:
    pictures = pictures_of(dataset)
    yield Paragraph(_count_words(dataset, pictures))
    if isinstance(dataset, Subset):
        yield Paragraph(sentence("views.subset", of=type(dataset.dataset).__name__))
    if isinstance(dataset, ConcatDataset):
        rows: Iterator[tuple[Cell, ...]] = ((type(part).__name__, _length(part)) for part in dataset.datasets[:MOST])
        yield Table((sentence("views.column_part"), sentence("views.samples")), tuple(rows))
    if isinstance(dataset, TensorDataset):
        tensors = [(str(place), str(each._dtype), str(each.shape)) for place, each in enumerate(dataset.tensors[:MOST])]
        names = ("place", "dtype", "shape")
        yield Table(tuple(sentence(f"views.column_{name}") for name in names), tuple(tensors))
    scene = None if pictures is None else pictures.scene()
    if scene is not None:
        yield Picture(scene, sentence("views.some_pictures"))


def _count_words(dataset: object, pictures: Pictures | None) -> Words:
    """How many samples there are, and of how many classes."""
    labels = None if pictures is None else pictures.labels
    if labels is None or not len(labels):
        return sentence("views.dataset", samples=_length(dataset))
    counts = np.unique(labels, return_counts=True)[1]
    fewest, most = int(counts.min()), int(counts.max())
    if fewest == most:
        return sentence("views.even_classes", samples=len(labels), classes=len(counts), each=most)
    return sentence("views.classes", samples=len(labels), classes=len(counts), fewest=fewest, most=most)
