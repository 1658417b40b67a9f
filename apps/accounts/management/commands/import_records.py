from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.accounts import imports
from apps.accounts.management import console
from apps.core import clock

# Accounts have their own command, with the columns that say who left.
KINDS = [name for name in imports.KINDS if name != "accounts"]


class Command(BaseCommand):
    help = "Bring contacts, subscriptions, tickets, surveys or invoices in from a CSV or .xlsx file. Importing it again changes only what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=KINDS, metavar="KIND", help=", ".join(KINDS))
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV, may be gzipped, or .xlsx")
        parser.add_argument(
            "--map", default="", metavar="OURS=THEIRS,...", help="our field = column of the file, for example id=ticket_no,account=company"
        )
        parser.add_argument("--set", default="", metavar="OURS=VALUE,...", help="our field = what every row holds, for example kind=nps")
        console.add_id_from(parser)
        console.add_options(parser)

    def handle(self, *args: Any, **given: Any) -> None:
        options = console.record_options(given["kind"], given, map=given["map"])
        report = console.carry_out(
            lambda order: imports.import_records(order, options),
            kind=given["kind"],
            path=given["file"],
            options=options,
            given=given,
            now=clock.now(),
        )
        console.tell(report, self.stdout, as_json=given["json"])
