"""What is wrong with a network, found before it sees any data, and what is wrong with the first steps of a training.

`check` looks at a network, `diagnose` and `Doctor` at the first steps of its training. A rule tells what is sure; none
guesses.
"""

from knoll.check.checking import check
from knoll.check.diagnosis import Diagnosis, diagnose
from knoll.check.doctor import Doctor
from knoll.check.finding import RULE_NAMES, Finding
from knoll.check.report import CheckReport

__all__ = ["RULE_NAMES", "CheckReport", "Diagnosis", "Doctor", "Finding", "check", "diagnose"]
