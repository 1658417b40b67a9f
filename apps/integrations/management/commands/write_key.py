import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug

from apps.core import clock
from apps.core.errors import Refused
from apps.integrations import services


class Command(BaseCommand):
    help = "Make a source of activity and print its write key, once. Only a SHA-256 of the key is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="letters, digits, - and _, for example web-app")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on the last line.")

    def handle(self, *args: Any, **given: Any) -> None:
        name = given["name"]
        try:
            validate_slug(name)
        except ValidationError as error:
            raise CommandError(f"{name!r} is no name for a source: use letters, digits, - and _.") from error
        if len(name) > 60:
            raise CommandError("The name is longer than 60 characters.")
        try:
            source, key = services.create_source(name=name, now=clock.now())
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        if given["json"]:
            self.stdout.write(json.dumps({"source": source.name, "write_key": key}))
        else:
            self.stdout.write(f"Write key of {source.name}, shown only now:\n{key}")
