import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.churn import services
from apps.churn.counts import counts
from apps.churn.types import DefinitionKind
from apps.core import clock
from apps.core.actor import Actor
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
        kind.add_argument("--not-renewed", action="store_true", help="a renewal falls due within the horizon and is not renewed")
        kind.add_argument("--downgraded", type=int, metavar="PERCENT", help="the yearly revenue falls by this share or more, and the customer stays")
        kind.add_argument("--unpaid", action="store_true", help="the account is lost within the horizon because a payment failed")
        kind.add_argument("--snapshot", action="store_true", help="an imported column says who left; accounts are told apart by their columns alone")
        parser.add_argument("--leave-unpaid-apart", action="store_true", help="with --cancelled: who is lost to a failed payment did not cancel")
        parser.add_argument("--horizon-days", type=int, required=True, metavar="H", help="how far ahead the risk looks")
        parser.add_argument("--not-default", action="store_true", help="keep the present default for pages, plays and alerts")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        try:
            definition = services.define(
                name=options["name"],
                kind=_kind(options),
                horizon_days=options["horizon_days"],
                inactive_days=options["inactive_days"],
                least_percent=options["downgraded"],
                leave_unpaid_apart=options["leave_unpaid_apart"],
                make_default=not options["not_default"],
                actor=Actor.job("command.churn_definition"),
                now=now,
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        counted = counts(definition, now=now)
        if options["json"]:
            fields = ("name", "kind", "horizon_days", "inactive_days", "least_percent", "leave_unpaid_apart", "revision", "is_default")
            told = {"left": counted.left, "customers": counted.customers, "population": counted.population, "dates": counted.dates}
            self.stdout.write(json.dumps({field: getattr(definition, field) for field in fields} | {"counts": told}))
        else:
            self.stdout.write(f"{definition.name}: {definition.in_words}{' (default)' if definition.is_default else ''}")
            self.stdout.write(f"  {counted.words}")


def _kind(options: dict[str, Any]) -> DefinitionKind:
    if options["inactive_days"] is not None:
        return DefinitionKind.INACTIVE
    if options["downgraded"] is not None:
        return DefinitionKind.DOWNGRADED
    told = (kind for kind in (DefinitionKind.NOT_RENEWED, DefinitionKind.UNPAID, DefinitionKind.SNAPSHOT) if options[kind])
    return next(told, DefinitionKind.CANCELLED)
