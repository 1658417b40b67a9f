import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.churn import backtest
from apps.churn.matured import first_due
from apps.churn.models import ModelVersion
from apps.core import clock

from ..moments import AS_OF, definition, moment


class Command(BaseCommand):
    help = "Hold what the versions of a churn model told against what happened since, for accounts that were left alone. Nothing is written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--definition", metavar="NAME", help="default: the default definition")
        parser.add_argument("--as-of", metavar="DATE", help=f"judge by what was known then: {AS_OF}")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        chosen, as_of = definition(options["definition"], now), moment(options["as_of"], now)
        versions = list(chosen.versions.select_related("definition").defer("golden").order_by("number"))
        looks = [(version, look) for version in versions if (look := backtest.look(version, as_of=as_of)) is not None]
        words = "" if looks else _nothing(versions)
        if options["json"]:
            told = [
                {"version": str(version), "at_work": version.is_live, "alarm": look.alarm, "verdict": look.verdict, "figures": look.figures}
                for version, look in looks
            ]
            self.stdout.write(json.dumps({"definition": chosen.name, "as_of": as_of.isoformat(), "versions": told, "words": words}))
            return
        if words:
            self.stdout.write(f"{chosen.name}: {words}")
        for version, look in looks:
            figures = look.figures
            self.stdout.write(f"{chosen.name}, {version}{' (at work)' if version.is_live else ''}: {'ALARM. ' if look.alarm else ''}{look.verdict}")
            for month in figures.get("months", []):
                if month["rows"]:
                    self.stdout.write(
                        f"  {month['day']}: {month['rows']:,} accounts, told {month['predicted']:.1%}, left {month['actual']:.1%}"
                        f" (chance: {month['low']:.1%} to {month['high']:.1%})"
                    )
            for name in ("treated", "held_out"):
                if figures.get(name, {}).get("rows"):
                    aside = figures[name]
                    self.stdout.write(
                        f"  {name.replace('_', ' ')}: {aside['rows']:,} rows, told {aside['predicted']:.1%}, left {aside['base_rate']:.1%}"
                    )


def _nothing(versions: list[ModelVersion]) -> str:
    """Why there is nothing to judge."""
    due = [day for version in versions if (day := first_due(version)) is not None]
    if not due:
        return "nothing was predicted yet, so there is nothing to judge. Score with score_churn."
    return f"no prediction's outcome is known yet. The first can be judged when the record reaches {min(due).isoformat()}."
