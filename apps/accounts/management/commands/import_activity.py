from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.accounts import imports
from apps.accounts.management import console
from apps.core import clock


class Command(BaseCommand):
    help = "Bring activity in from a CSV or .xlsx file. Importing it again, or a longer export, adds only what is new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV, may be gzipped, or .xlsx")
        parser.add_argument(
            "--map",
            default="",
            metavar="OURS=THEIRS,...",
            help="our field = column of the file, for example account=customer,at=when,name=what,value=amount",
        )
        parser.add_argument("--set", default="", metavar="OURS=VALUE,...", help="our field = what every row holds, for example name=renewed")
        console.add_options(parser)

    def handle(self, *args: Any, **given: Any) -> None:
        options = console.activity_options(given, map=given["map"])
        report = console.carry_out(
            lambda order: imports.import_activity(order, options), kind="activity", path=given["file"], options=options, given=given, now=clock.now()
        )
        console.tell(report, self.stdout, as_json=given["json"])
