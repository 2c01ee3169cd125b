"""What is wrong with a network, found before it sees any data, and what is wrong with the first steps of a training.

`check` looks at a network, `RULES` holds what it looks for. A rule tells what is sure; none guesses.
"""

from knoll.check.checking import check
from knoll.check.finding import RULE_NAMES, Finding
from knoll.check.report import CheckReport

__all__ = ["RULE_NAMES", "CheckReport", "Finding", "check"]
