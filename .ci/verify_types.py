"""How much of the public face has types that every type checker reads alike; fails below FLOOR, and says what lacks."""

import json
import subprocess
import sys

FLOOR = 0.82
COMMAND = [sys.executable, "-m", "pyright", "--verifytypes", "knoll", "--ignoreexternal", "--outputjson"]

found = json.loads(subprocess.run(COMMAND, capture_output=True, text=True, check=False).stdout)["typeCompleteness"]  # noqa: S603
score = found["completenessScore"]
print(f"pyright --verifytypes: {score:.1%} of the public names are typed, and {FLOOR:.1%} are demanded")
if score < FLOOR:
    for symbol in found["symbols"]:
        if symbol["isExported"] and not symbol["isTypeKnown"]:
            print(symbol["name"], *(each["message"] for each in symbol["diagnostics"]), sep="\n  ")
    sys.exit(1)
