"""Loads the demo company: two years of a synthetic vendor's customers, scored, with a past of plays, messages and alerts."""

import gc
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.core import clock
from cs_platform.demo import load, model, past
from cs_platform.demo.progress import Progress


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Many short-lived rows, hardly a circle among them: to look for circles as often as usual is a tenth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class Command(BaseCommand):
    help = "Load the demo company (synthetic). The same seed and --until give the same company; how it is made stands in cs_platform/demo/model.py."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--accounts", type=int, default=500, help="How many customers, those who left included (default 500).")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--until", help="The company's present: 2026-03-01 or 2026-03-01T14:30:00Z (default: now).")
        parser.add_argument("--once", action="store_true", help="Do nothing if the demo company is there already.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object as the last line.")

    def handle(self, *args: Any, **options: Any) -> None:
        until = self._until(options["until"])
        if options["accounts"] < 1:
            raise CommandError(f"--accounts {options['accounts']}: a company needs at least 1 account.")
        if options["seed"] < 0:
            raise CommandError(f"--seed {options['seed']}: use 0 or a positive number.")
        progress = Progress(None if options["json"] else self.stdout.write)
        if load.is_there():
            if not options["once"]:
                raise CommandError("The demo company is there already. Add --once to leave it as it is, or start over with: make demo-reset")
            self.stdout.write(json.dumps({"created": False}) if options["json"] else "The demo company is there already.")
            return
        company = model.imagine(accounts=options["accounts"], seed=options["seed"], until=until)
        # One transaction: a load that was interrupted has left nothing, and no worker meets half a company.
        with transaction.atomic(), _collecting_rarely():
            call_command("prepare", "--quiet")
            counts = load.write(company, seed=options["seed"], as_known_on=past.begins(company).date())
            progress("{accounts} accounts, {contacts} people, {activity} activity events, {rollups} daily rollups".format(**counts))
            counts |= past.live_through(company, progress=progress)
        progress("handed over")
        if options["json"]:
            self.stdout.write(json.dumps({"created": True, "seconds": round(progress.seconds, 1), **counts}))

    @staticmethod
    def _until(words: str | None) -> datetime:
        if words is None:
            return clock.now().replace(second=0, microsecond=0)
        try:
            return clock.read(words)
        except ValueError as error:
            raise CommandError(f"--until: {error}") from error
