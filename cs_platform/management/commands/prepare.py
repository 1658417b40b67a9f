"""Brings the database to the point where work can start; safe to run at every start."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from waffle.models import Flag, Switch

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.accounts.roles import create_groups
from apps.alerts import services as alerts
from apps.churn import services as churn
from apps.churn.models import ChurnDefinition
from apps.coaching import services as coaching
from apps.community import services as community
from apps.core import clock
from apps.core.flags import CHANNELS, LEARN_CHANNELS
from apps.dashboards.boards import shipped
from apps.health import services as health
from apps.interventions import library
from apps.interventions.models import Play
from apps.messaging import services as messaging
from apps.milestones import services as milestones
from cs_platform import schedule

# What more than so many of were made is counted; `-v 2` names each.
FEW = 2


class Command(BaseCommand):
    help = "Create what is missing: roles, schedule, churn definition, templates, plays, flags, the first administrator. Staff's edits stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="Say nothing.")
        parser.add_argument("--migrate", action="store_true", help="Bring the schema up to date first.")
        parser.add_argument("--demo", type=int, metavar="ACCOUNTS", help="Then load the demo company of that many accounts, unless it is there.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["migrate"]:
            self._migrate()
        made = self._create_missing()
        if made and not options["quiet"]:
            few = FEW if options["verbosity"] < 2 else len(max(made.values(), key=len))
            self.stdout.write(f"created: {'; '.join(_in_words(kind, names, few) for kind, names in made.items())}")
        if options["demo"]:
            call_command("demo_world", accounts=options["demo"], seed=7, once=True, stdout=self.stdout)

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0)
        self.stdout.write("schema up to date")

    def _create_missing(self) -> dict[str, list[str]]:
        now = clock.now()
        create_groups()
        churn.ensure_default(now=now)
        health.ensure_standard(now=now)
        milestones.ensure_rules()
        coaching.ensure_rules()
        community.ensure_rules()
        messaging.ensure_templates(now=now)
        made = {
            "jobs": schedule.create_missing(),
            "tables": accounts.keep_months(now=now),
            "escalation policies": ["usual"] if alerts.policies.prepare(now=now) else [],
            "strategies": coaching.ensure_strategies(),
            "dashboards": shipped.ensure(now=now),
            "plays": library.ensure(now=clock.now()),
            "rules": alerts.rules.ensure(now=now),
            "switches": _switches(),
            "flags": _flags(),
            "administrators": self._first_administrator(),
        }
        return {kind: list(names) for kind, names in made.items() if names}

    @staticmethod
    def _first_administrator() -> list[str]:
        email, password = os.environ.get("ADMIN_EMAIL", ""), os.environ.get("ADMIN_PASSWORD", "")
        if not email and not password:
            return []
        if not email or len(password) < 10:
            raise CommandError("Set both ADMIN_EMAIL and ADMIN_PASSWORD (10 characters or more) to create the first administrator.")
        if User.objects.filter(email__iexact=email).exists():
            return []
        User.objects.create_superuser(email, password)
        return [email]


def _switches() -> list[str]:
    notes = {f"channel.{channel}": f"Kill switch: off stops every {channel} message at once; they wait." for channel in CHANNELS}
    notes[LEARN_CHANNELS] = "On: plays learn which channel works for whom. Off: they take the fixed order, email first."
    return [name for name, note in notes.items() if Switch.objects.get_or_create(name=name, defaults={"active": True, "note": note})[1]]


def _flags() -> list[str]:
    """Rollouts, of plays to everyone and of challengers to nobody."""
    play = "Rollout of the play: everyone = yes, or a percentage of accounts (the same accounts every time)."
    model = "Rollout of the challenger of this churn definition: a percentage of accounts (the same accounts every time) that it scores."
    wanted: dict[str, dict[str, Any]] = {f"play.{key}": {"everyone": True, "note": play} for key in Play.objects.values_list("key", flat=True)}
    wanted |= {f"model.{name}": {"percent": 0, "note": model} for name in ChurnDefinition.objects.values_list("name", flat=True)}
    return [name for name, defaults in wanted.items() if Flag.objects.get_or_create(name=name, defaults=defaults)[1]]


def _in_words(kind: str, names: list[str], few: int) -> str:
    return f"{kind} {', '.join(names)}" if len(names) <= few else f"{len(names)} {kind}"
