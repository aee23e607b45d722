"""Runs every measurement: `python -m bench`."""

import subprocess
import sys
from pathlib import Path

NO_MEASUREMENTS = {"__init__", "__main__", "pictures"}


def main() -> None:
    """Each in a process of its own, so that none measures what another has left in memory."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in NO_MEASUREMENTS:
            subprocess.run([sys.executable, "-m", f"bench.{path.stem}"], check=True)


if __name__ == "__main__":
    main()
