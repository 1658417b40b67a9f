import csv
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.churn import services
from apps.core import clock
from apps.core.errors import Refused

from ..moments import AS_OF, definition, moment


class Command(BaseCommand):
    help = (
        "Write account_id,probability,source as known at a date: features are made again as of the date, so later events change nothing. "
        "A model that learned from later than the date is refused unless allowed; source says which model spoke."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", required=True, help=AS_OF)
        parser.add_argument(
            "--accounts", metavar="FILE", help="one account id per line, or a CSV with a column account_id or id; default: all at risk"
        )
        parser.add_argument("--out", metavar="FILE", required=True)
        parser.add_argument("--definition", metavar="NAME", help="default: the default definition")
        parser.add_argument("--allow-later-model", action="store_true", help="use the model at work even if it learned from after the date")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        wanted = _ids(options["accounts"]) if options["accounts"] else None
        try:
            export = services.scores_as_of(
                definition(options["definition"], now),
                as_of=moment(options["as_of"], now),
                external_ids=wanted,
                allow_later_model=options["allow_later_model"],
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        try:
            with Path(options["out"]).open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["account_id", "probability", "source"])
                writer.writerows((account, f"{chance:.6f}", export.source) for account, chance in export.scores)
        except OSError as error:
            raise CommandError(f"Cannot write {options['out']}: {error.strerror}.") from error
        left_out = len(wanted) - len(export.scores) if wanted is not None else 0
        if options["json"]:
            figures = {"written": len(export.scores), "left_out": left_out, "source": export.source, "trained_as_of": export.trained_as_of}
            self.stdout.write(json.dumps(figures))
            return
        learned = f", learned from what was known on {export.trained_as_of}" if export.trained_as_of else ""
        self.stdout.write(f"{len(export.scores)} scores written to {options['out']} by {export.source}{learned}.")
        if left_out:
            self.stdout.write(
                f"{left_out} of the accounts asked for were no customers at risk at that date (unknown, not started, or gone) and are left out."
            )


def _ids(path: str) -> list[str]:
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            lines = [line for line in csv.reader(file) if line]
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"Cannot read {path}: {error}.") from error
    if not lines:
        raise CommandError(f"{path} is empty: write one account id per line.")
    for column in ("account_id", "id"):
        if column in lines[0]:
            place = lines[0].index(column)
            return list(dict.fromkeys(line[place] for line in lines[1:] if len(line) > place))
    return list(dict.fromkeys(line[0] for line in lines))
