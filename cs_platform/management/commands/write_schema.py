"""cs_platform/schema.sql is made from the migrations, so that an empty database need not replay them."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from cs_platform import schema


class Command(BaseCommand):
    help = "Write cs_platform/schema.sql from the migrations, replayed in a database of their own (half a minute)."

    def handle(self, *args: Any, **options: Any) -> None:
        schema.PATH.write_text(schema.from_migrations(connection).as_text())
        self.stdout.write(f"wrote {schema.PATH}")
