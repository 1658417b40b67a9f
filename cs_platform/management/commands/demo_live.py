"""Keeps the demo company living: its customers act, read, answer, get into trouble, come back, and sometimes leave."""

import signal
from argparse import ArgumentParser
from datetime import timedelta
from threading import Event
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core import clock
from cs_platform.demo import load
from cs_platform.demo.door import Door
from cs_platform.demo.live import Life


class Command(BaseCommand):
    help = "Let the demo company's customers live, in the foreground, through the product's own doors (BASE_URL). Rates: cs_platform/demo/live.py."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--speed", type=float, default=1.0, help="Multiplies every rate (default 1).")
        parser.add_argument("--for", type=float, dest="seconds", help="Stop by itself after this many seconds (default: run until stopped).")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["speed"] <= 100:
            raise CommandError(f"--speed {options['speed']}: use a number above 0, at most 100.")
        if not load.is_there():
            raise CommandError("There is no demo company here. Load it first: make manage ARGS=demo_world")
        stop = Event()

        def ask_to_stop(number: int, frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ask_to_stop)
        until = clock.now() + timedelta(seconds=options["seconds"]) if options["seconds"] else None
        self.stdout.write(f"The demo's customers act at {settings.BASE_URL}.")
        Life(Door(settings.BASE_URL), stop, speed=options["speed"], say=self.stdout.write).run(until=until)
