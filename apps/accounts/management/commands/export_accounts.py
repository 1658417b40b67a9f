from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.accounts.management import exporting


class Command(BaseCommand):
    help = "Write all accounts to a file that import_accounts reads back unchanged."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FILE", help=".csv, .csv.gz or .xlsx")

    def handle(self, *args: Any, **given: Any) -> None:
        exporting.write("accounts", given["out"], self.stdout)
