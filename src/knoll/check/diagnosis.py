"""A few steps of a training, taken to be looked at and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from typing import Any

from knoll.analysis.trace import random_numbers_kept
from knoll.check.doctor import Doctor
from knoll.check.evidence import Site, finding
from knoll.check.finding import Finding
from knoll.check.loss_names import loss_name
from knoll.check.report import finding_blocks
from knoll.document import Block, Displayable, Document, Heading, Paragraph, Table, to_json
from knoll.errors import ArgumentError
from knoll.messages import say, sentence
from knoll.nn import Module
from knoll.optim import Optimizer
from knoll.tensor import Tensor

LEARNED = 0.5  # of the first loss, after one batch was shown over and over
FELL = 0.95  # of a loss whose least value nobody knows, as of an autoencoder's
_OF_CLASSES = frozenset({"CrossEntropyLoss", "NLLLoss", "BCELoss", "BCEWithLogitsLoss"})


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis(Displayable):
    """What the doctor found in the first steps, and the loss of each. It is true if there is nothing to tell."""

    network: str
    losses: tuple[float, ...]
    findings: tuple[Finding, ...]
    overfitted: tuple[float, ...] = ()

    def __bool__(self) -> bool:
        return not self.findings

    def document(self) -> Document:
        """The diagnosis as it is read."""
        return Document(sentence("check.diagnosis", network=self.network), tuple(self._blocks()))

    def json(self) -> str:
        """The data as JSON, every sentence in both languages."""
        return to_json(self)

    def _blocks(self) -> Iterator[Block]:
        if self:
            yield Paragraph(sentence("check.healthy"))
        yield from finding_blocks(self.findings)
        yield Heading(sentence("check.losses"))
        header = (sentence("check.column_step"), sentence("check.column_loss"))
        yield Table(header, tuple((step, f"{loss:.4g}") for step, loss in enumerate(self.losses, 1)))
        if self.overfitted:
            first, last = self.overfitted[0], self.overfitted[-1]
            values = {"steps": len(self.overfitted), "first": first, "last": last}
            yield Paragraph(sentence("check.overfitted", **values))


def diagnose(
    net: Module,
    loss: Any,
    optimizer: Optimizer,
    batches: Iterable[Any],
    *,
    steps: int = 5,
    overfit: int = 0,
) -> Diagnosis:
    """Take the first steps of a training, look at them, and take them back: the network stays as it is.

    - `batches`: pairs of inputs and targets, as a DataLoader gives them.
    - `overfit`: for so many more steps the first batch is shown again and again; a network that learns anything comes
      to know it by heart.

    Raises ArgumentError, ArgumentTypeError, and what the network, the loss and the optimiser raise.

    >>> import knoll
    >>> from knoll import nn
    >>> from knoll.check import diagnose
    >>> net = nn.Linear(4, 3)
    >>> optimizer = knoll.optim.SGD(net.parameters(), lr=0.0)
    >>> batch = knoll.rand(8, 4), knoll.randint(0, 3, (8,))
    >>> [finding.rule for finding in diagnose(net, nn.CrossEntropyLoss(), optimizer, [batch] * 3).findings]
    ['step-size']
    """
    doctor = Doctor(net, loss, optimizer)
    weights, state = deepcopy(net.state_dict()), deepcopy(optimizer.state_dict())
    few = _pairs(batches, steps)
    gradients = [(parameter, parameter.grad) for parameter in net.parameters()]
    try:
        with random_numbers_kept():
            with doctor:
                losses = tuple(_step(doctor, net, loss, optimizer, batch) for batch in few)
            found = list(doctor.findings)
            by_heart = tuple(_step(None, net, loss, optimizer, few[0]) for _ in range(overfit)) if few else ()
    finally:
        net.load_state_dict(weights)
        optimizer.load_state_dict(state)
        for parameter, gradient in gradients:
            parameter.grad = gradient
    share = LEARNED if few and _ends_at_zero(loss, few[0][1]) else FELL
    if by_heart and not by_heart[-1] < share * losses[0]:
        values = {"steps": overfit, "first": losses[0], "last": by_heart[-1]}
        found.append(finding("cannot_overfit", "warning", Site(""), values=values))
    return Diagnosis(type(net).__name__, losses, tuple(found), by_heart)


def _ends_at_zero(loss: Any, target: Any) -> bool:
    """Whether the loss is 0 once the targets are known by heart: they are classes, each wholly right or wrong."""
    if not isinstance(target, Tensor) or getattr(loss, "label_smoothing", False):
        return False
    numbers = target.detach().numpy()
    is_certain = not target.is_floating_point() or bool(((numbers == 0) | (numbers == 1)).all())
    return is_certain and loss_name(loss) in _OF_CLASSES


def _pairs(batches: Iterable[Any], count: int) -> list[tuple[Any, Any]]:
    """The first batches, each an input and a target. Raises ArgumentError."""
    few = list(islice(batches, count)) if isinstance(batches, Iterable) else [batches]
    for batch in few:
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            kind = (
                f"{type(batch).__name__} of {len(batch)}" if isinstance(batch, (tuple, list)) else type(batch).__name__
            )
            raise ArgumentError(say("check.no_pairs"), got=kind)
    return [(x, target) for x, target in few]


def _step(doctor: Doctor | None, net: Module, loss: Any, optimizer: Optimizer, batch: Any) -> float:
    x, target = batch
    optimizer.zero_grad()
    scores = net(x)
    value = loss(scores, target)
    if doctor is not None:
        doctor.observe(value, scores, target)
    value.backward()
    optimizer.step()
    return float(value.item())
