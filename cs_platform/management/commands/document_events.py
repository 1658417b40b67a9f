"""docs/events.md is made from the vocabulary and the wiring, so it cannot disagree with them."""

import dataclasses
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.events import switchboard
from apps.events.vocabulary import ALL
from cs_platform.wiring import WIRING


def as_markdown() -> str:
    lines = [
        "# Domain events",
        "",
        "Made by `make manage ARGS=document_events` from `apps/events/vocabulary/` and `cs_platform/wiring.py`; a test holds them together.",
        "",
        "| event | meaning | carries | who reacts |",
        "|---|---|---|---|",
    ]
    for kind in ALL.values():
        fields = ", ".join(f"`{field.name}`" for field in dataclasses.fields(kind))
        reacts = ", ".join(f"`{switchboard.handler_name(handler)}`" for handler in WIRING.get(kind, ())) or "nobody: history only"
        lines.append(f"| `{kind.type}` | {(kind.__doc__ or '').strip()} | {fields} | {reacts} |")
    return "\n".join(lines) + "\n"


class Command(BaseCommand):
    help = "Write docs/events.md from the vocabulary and the wiring; --check only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "events.md"
        if options["check"]:
            if not path.exists() or path.read_text() != as_markdown():
                raise CommandError('docs/events.md is out of date. Run: make manage ARGS="document_events"')
            return
        path.write_text(as_markdown())
        self.stdout.write(f"wrote {path}")
