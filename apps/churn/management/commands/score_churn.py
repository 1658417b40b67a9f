import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.churn import selectors, services
from apps.core import clock, flags
from apps.core.actor import Actor

from ..moments import AS_OF, definition, moment


class Command(BaseCommand):
    help = "Score every account that can still leave, and announce risks that rose or fell into another band."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--definition", metavar="NAME", help="default: the default definition, the only one that moves the accounts' present risk"
        )
        parser.add_argument("--as-of", metavar="DATE", help=f"score with what was known then: {AS_OF}")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        chosen = definition(options["definition"], now)
        as_of = moment(options["as_of"], now)
        began = time.monotonic()
        scored = services.score_all(definition=chosen, as_of=as_of, now=now, actor=Actor.job("command.score_churn"), share_of=flags.challenger_share)
        seconds = round(time.monotonic() - began, 3)
        source = str(selectors.live_model(chosen))
        if options["json"]:
            self.stdout.write(
                json.dumps({"scored": scored, "definition": chosen.name, "source": source, "as_of": as_of.isoformat(), "seconds": seconds})
            )
        else:
            self.stdout.write(f"{scored} accounts scored by {source} of {chosen.name} as of {as_of:%Y-%m-%d %H:%M} UTC, in {seconds} s.")
