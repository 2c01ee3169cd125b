"""A finding: what is wrong with a network, where, why it matters, what to write instead, how to silence it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from knoll.messages import Sentence
from knoll.nn.made_at import Place

Severity = Literal["error", "warning"]

RULE_NAMES = (
    "forward-fails",
    "fails-in-training",
    "fixed-batch-size",
    "batch-of-one",
    "input-shape",
    "input-dtype",
    "input-range",
    "input-not-finite",
    "wrong-mode",
    "labels",
    "target-shape",
    "loss-fails",
    "not-shuffled",
    "returns-nothing",
    "input-unused",
    "reshape-not-permute",
    "samples-mixed",
    "linear-on-images",
    "output-size",
    "activation-before-loss",
    "loss-input",
    "softmax-axis",
    "missing-activation",
    "repeated-activation",
    "unregistered-layer",
    "unregistered-parameter",
    "unused-parameter",
    "result-unused",
    "shared-layer",
    "weights-not-finite",
    "weights-all-equal",
    "all-frozen",
    "always-training",
    "dropout-of-everything",
    "dropout-on-output",
    "dropout-before-batch-norm",
    "batch-norm-shared",
    "batch-norm-twice",
    "bias-before-batch-norm",
    "border-dropped",
    "stride-beyond-kernel",
    "padding-only",
    "image-too-small",
    "unpool-size",
    "optimizer",
    "first-loss",
    "not-finite",
    "no-gradient",
    "gradients-add-up",
    "fading-gradients",
    "step-size",
    "held-losses",
    "dead-units",
    "cannot-overfit",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a network, or that is surely not what was wanted.

    `rule` is the name of the rule, as it stands in `# knoll: ignore[rule]`; an "error" stops the network or makes its
    results wrong, with a "warning" it works worse than it could. `name` is the dotted name of the module, `made` and
    `called` are the lines of the user's code that made and called it. `code` is the line to write instead.
    """

    rule: str
    severity: Severity
    name: str
    what: Sentence
    why: Sentence
    fix: Sentence | None = None
    code: str = ""
    made: Place | None = None
    called: Place | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """The lines of the user's code that it is about, each once."""
        return tuple(dict.fromkeys(place for place in (self.made, self.called) if place is not None))

    @property
    def silenced_by(self) -> str:
        """The comment that silences it, on any of its lines."""
        return f"# knoll: ignore[{self.rule}]"

    def fixed(self, fix: Sentence) -> Finding:
        """The same finding with what to do about it."""
        return replace(self, fix=fix)

    def __str__(self) -> str:
        where = ", ".join(map(str, self.places)) or self.name
        return f"{where}: {self.severity}[{self.rule}] {self.what}"
