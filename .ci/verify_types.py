"""Every public name has a type that all type checkers read alike; fails, and says which names lack one."""

import json
import os
import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-m", "pyright", "--verifytypes", "knoll", "--ignoreexternal", "--outputjson"]

# pyright does not follow an editable installation into the folder that it runs in, and looks for other packages where
# the first Python of PATH has them, whatever `--pythonpath` says.
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": str(Path(__file__).parent.parent / "src"),
    "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
}

done = subprocess.run(COMMAND, env=ENVIRONMENT, capture_output=True, text=True, check=False)  # noqa: S603 (its own words)
found = json.loads(done.stdout)["typeCompleteness"]
print(f"pyright --verifytypes: {found['completenessScore']:.2%} of the public names are typed")
lacking = [symbol for symbol in found["symbols"] if symbol["isExported"] and not symbol["isTypeKnown"]]
for symbol in lacking:
    print(symbol["name"], *(each["message"] for each in symbol["diagnostics"]), sep="\n  ")
sys.exit(bool(lacking))
