from typing import Any

from django.core.management.base import BaseCommand

from pickeez_site.dialects.openapi.generator import dialect_names
from pickeez_site.dialects.openapi.snapshot import (
    differences,
    generated,
    normalised,
    read_snapshot,
    write_snapshot,
)


class Command(BaseCommand):
    help = "Writes the schema of each API to a file, against which a test compares it; --compare only compares."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--compare", action="store_true", help="Print what differs from the files.")

    def handle(self, *args: Any, compare: bool, **options: Any) -> None:
        for dialect in dialect_names():
            if compare:
                self.stdout.write(f"{dialect}:")
                before, after = normalised(read_snapshot(dialect)), normalised(generated(dialect))
                for line in differences(before, after):
                    self.stdout.write(line)
            else:
                self.stdout.write(str(write_snapshot(dialect).name))
