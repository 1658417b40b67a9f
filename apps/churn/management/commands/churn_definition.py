import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.churn import services
from apps.churn.types import DefinitionKind
from apps.core import clock
from apps.core.errors import Refused


class Command(BaseCommand):
    help = "Make or change what leaving means. The weighted rule scores it until train_churn has learned a model that earns its place."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="short name, for example cancelled-90")
        kind = parser.add_mutually_exclusive_group(required=True)
        kind.add_argument("--cancelled", action="store_true", help="the account's date of leaving falls within the horizon")
        kind.add_argument(
            "--inactive-days", type=int, metavar="N", help="an account active within the last year shows no activity for the next N days"
        )
        kind.add_argument("--snapshot", action="store_true", help="an imported column says who left; accounts are told apart by their columns alone")
        parser.add_argument("--horizon-days", type=int, required=True, metavar="H", help="how far ahead the risk looks")
        parser.add_argument("--not-default", action="store_true", help="keep the present default for pages, plays and alerts")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = DefinitionKind.SNAPSHOT if options["snapshot"] else DefinitionKind.CANCELLED
        try:
            definition = services.define(
                name=options["name"],
                kind=DefinitionKind.INACTIVE if options["inactive_days"] is not None else kind,
                horizon_days=options["horizon_days"],
                inactive_days=options["inactive_days"],
                make_default=not options["not_default"],
                now=clock.now(),
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        if options["json"]:
            fields = ("name", "kind", "horizon_days", "inactive_days", "is_default")
            self.stdout.write(json.dumps({field: getattr(definition, field) for field in fields}))
        else:
            self.stdout.write(f"{definition.name}: {definition.in_words}{' (default)' if definition.is_default else ''}")
