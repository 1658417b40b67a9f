import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.churn import services
from apps.core import clock
from apps.core.actor import Actor

from ..moments import AS_OF, definition, moment


class Command(BaseCommand):
    help = "Learn a churn model from what was known at past dates, prove it on rows it has not seen, and put it to work if it earns it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--definition", metavar="NAME", help="default: the default definition")
        parser.add_argument("--as-of", metavar="DATE", help=f"learn from what was known then: {AS_OF}")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        chosen = definition(options["definition"], now)
        result = services.train(chosen, as_of=moment(options["as_of"], now), now=now, actor=Actor.job("command.train_churn"))
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json()))
            return
        self.stdout.write(f"{result.definition}: {result.reason}")
        for candidate in result.candidates:
            figures = ", ".join(f"{name} {value:.4g}" for name, value in candidate.metrics.items())
            self.stdout.write(f"  {candidate.name}: {figures}")
        for column, why in result.refused_columns.items():
            self.stdout.write(f"  column {column} is not used: {why}")
        self.stdout.write(f"At work: {result.live}")
