"""How much of the public face has types that every type checker reads alike; fails below FLOOR, and says what lacks."""

import json
import os
import subprocess
import sys
from pathlib import Path

FLOOR = 0.82
COMMAND = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable]
COMMAND += ["--verifytypes", "knoll", "--ignoreexternal", "--outputjson"]

# pyright does not follow an editable installation into the folder that it runs in.
SOURCES = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent / "src")}

done = subprocess.run(COMMAND, env=SOURCES, capture_output=True, text=True, check=False)  # noqa: S603 (its own words)
found = json.loads(done.stdout)["typeCompleteness"]
score = found["completenessScore"]
print(f"pyright --verifytypes: {score:.1%} of the public names are typed, and {FLOOR:.1%} are demanded")
if score < FLOOR:
    for symbol in found["symbols"]:
        if symbol["isExported"] and not symbol["isTypeKnown"]:
            print(symbol["name"], *(each["message"] for each in symbol["diagnostics"]), sep="\n  ")
    sys.exit(1)
