from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.accounts import exports
from apps.accounts.management import exporting


class Command(BaseCommand):
    help = "Write all contacts, activity, movements, subscriptions, tickets, surveys or invoices to a file that the imports understand."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = [kind for kind in exports.EXPORTS if kind != "accounts"]
        parser.add_argument("kind", choices=kinds, metavar="KIND", help=", ".join(kinds))
        parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=".csv, .csv.gz or .xlsx")

    def handle(self, *args: Any, **given: Any) -> None:
        exporting.write(given["kind"], given["out"], self.stdout)
