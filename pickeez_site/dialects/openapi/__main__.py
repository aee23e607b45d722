"""Writes the schema of each API to its file: `python -m pickeez_site.dialects.openapi [--compare]`."""

import argparse
import os
import sys

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compare", action="store_true", help="only print how the schemas differ from the files")
    compare: bool = parser.parse_args().compare
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pickeez_site.settings")
    django.setup()
    from pickeez_site.dialects.openapi import snapshot
    from pickeez_site.dialects.openapi.generator import dialect_names

    for dialect in dialect_names():
        if not compare:
            sys.stdout.write(f"{snapshot.write_snapshot(dialect)}\n")
            continue
        sys.stdout.write(f"{dialect}:\n")
        before = snapshot.normalised(snapshot.read_snapshot(dialect))
        after = snapshot.normalised(snapshot.generated(dialect))
        sys.stdout.writelines(f"{line}\n" for line in snapshot.differences(before, after))


if __name__ == "__main__":
    main()
