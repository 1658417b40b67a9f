"""Django's `migrate`, for the product, tests and benchmarks alike: an empty database begins with the schema that stands ready (docs/adr/0022)."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from cs_platform import schema


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        whole = not options["app_label"] and not any(options[name] for name in ("plan", "check_unapplied", "fake", "fake_initial", "prune"))
        if whole and schema.load_if_empty(connections[options["database"]]) and options["verbosity"] >= 1:
            self.stdout.write(f"Loaded {schema.PATH.name} into the empty database.")
        super().handle(*args, **options)
