import json

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pickeez_site.operations.doctor import Level
from pickeez_site.operations.doctor.checks import CHECK_NAMES, run_checks


class Command(BaseCommand):
    help = (
        "Checks database, storage, broker, workers, scheduler, queue, models, clocks and settings, and prints "
        "what it found and what to do. Changes nothing. Exit status: 0 when there is no problem, 1 when there is "
        "one, 2 for wrong arguments."
    )
    # Django's own checks would stop the command with a traceback; it reports the same problems in plain words.
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--only", action="append", choices=CHECK_NAMES, help="only this check; may be given several times"
        )
        parser.add_argument("--json", action="store_true", help="a list of {name, level, found, advice}")

    def handle(self, *args: object, only: list[str] | None, **options: object) -> None:
        findings = []
        for finding in run_checks(only or CHECK_NAMES):
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(str(finding))
                self.stdout.flush()
        if options["json"]:
            self.stdout.write(json.dumps([finding.as_json() for finding in findings], indent=2))
        problems = sum(finding.level == Level.PROBLEM for finding in findings)
        if problems:
            raise CommandError(f"{problems} {'problem' if problems == 1 else 'problems'}.")
