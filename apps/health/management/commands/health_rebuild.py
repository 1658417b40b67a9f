"""Scores every account anew, or only says whether that would change anything."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core import clock
from apps.core.actor import Actor
from apps.health import rebuilt, services

_SHOWN = 10


class Command(BaseCommand):
    help = "Score the health of every account as of now. --check compares instead and ends with 1 where something differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; say where the kept health is not what the facts say.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        if not options["check"]:
            self.stdout.write(f"{services.score_all(as_of=now, now=now, actor=Actor.job('health_rebuild'))} accounts scored")
            return
        found = list(rebuilt.differences(as_of=now))
        for one in found[:_SHOWN]:
            self.stdout.write(f"account {one.account_id}: kept {one.kept}, facts say {one.fresh}")
        self.stdout.write(f"{len(found)} differences")
        if found:
            raise CommandError("Accounts that wait to be scored differ for a moment; if it stays so, run health_rebuild without --check.")
