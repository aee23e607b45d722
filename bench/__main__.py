"""Runs every measurement: `python -m bench`."""

import subprocess
import sys
from pathlib import Path

from bench.sizes import SMALL

NO_MEASUREMENTS = {"__init__", "__main__", "database", "pictures", "sizes"}


def main() -> None:
    """Runs each measurement in its own process, so that none measures what another has left in memory."""
    if SMALL:
        print(
            "A small round: it shows that every measurement runs; the goals are those of a full one.", flush=True
        )
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in NO_MEASUREMENTS:
            subprocess.run([sys.executable, "-m", f"bench.{path.stem}"], check=True)


if __name__ == "__main__":
    main()
