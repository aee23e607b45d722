"""The documents' own examples."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def examples_of(dialect: str) -> dict[str, Any]:
    """The examples in a dialect's folder, by the file's name without `.json`."""
    folder = Path(__file__).resolve().parents[1] / dialect / "examples"
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
