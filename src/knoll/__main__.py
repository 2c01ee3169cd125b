"""`python -m knoll` is the command `knoll`."""

from __future__ import annotations

import sys

from knoll.cli import main

sys.exit(main())
