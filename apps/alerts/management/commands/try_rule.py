import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.alerts import services
from apps.alerts.models import AlertRule
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused


class Command(BaseCommand):
    help = "Say what an alert rule would have done on past days. Nothing is changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rule", help="The key of a rule, or a file with a definition (JSON); - reads standard input.")
        parser.add_argument("--days", type=int, default=90, help="How many days to look back, 1 to 366. Default: 90.")
        parser.add_argument("--now", help="As of this moment, e.g. 2026-03-01. Default: now.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on the last line.")

    def handle(self, *args: Any, **options: Any) -> None:
        rule = AlertRule.objects.select_related("current").filter(key=options["rule"]).first()
        try:
            now = clock.read(options["now"]) if options["now"] else clock.now()
            says = rule.current.says if rule is not None and rule.current is not None else self._file(options["rule"])
            trial = services.rules.try_now(rule=rule, says=says, days=options["days"], actor=Actor.job("try_rule"), now=now)
        except (Refused, ValueError) as error:
            raise CommandError(str(error)) from error
        found = trial.result
        self.stdout.write(f"{services.rules.in_words(services.rules.read(trial.says))}:")
        self.stdout.write(
            f"would have fired {found['fired']} times from {trial.first} to {trial.last}, {found['useful']} useful, "
            f"{found['not_useful']} not, {found['too_early']} too early to say; it held already for {found['held']}"
        )
        if options["json"]:
            self.stdout.write(json.dumps(found))

    @staticmethod
    def _file(name: str) -> Any:
        if name == "-":
            return json.load(sys.stdin)
        if not Path(name).is_file():
            raise CommandError(f"There is no watched rule and no file {name!r}.")
        return json.loads(Path(name).read_text(encoding="utf-8"))
