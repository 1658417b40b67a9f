import json
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug

from apps.accounts.models import User
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.integrations import services
from apps.integrations.models import ApiKey
from apps.integrations.types import SCOPES


class Command(BaseCommand):
    help = "Make, rotate or revoke an API key. A secret is printed once; only its SHA-256 is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="letters, digits, - and _, for example billing-sync")
        parser.add_argument("--scopes", default="", metavar="A,B", help=f"what it may do: {', '.join(SCOPES)}")
        parser.add_argument("--owner", default="", metavar="EMAIL", help="It sees this person's book (default: every account).")
        parser.add_argument("--days", type=int, metavar="N", help="It expires after so many days (default: never).")
        parser.add_argument("--rotate", action="store_true", help="A new secret for this key; the old one works for 24 hours more.")
        parser.add_argument("--revoke", action="store_true", help="Stop this key at once.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on the last line.")

    def handle(self, *args: Any, **given: Any) -> None:
        try:
            told = self._do(given)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        if given["json"]:
            self.stdout.write(json.dumps(told))
        elif told["api_key"] is None:
            self.stdout.write(f"{told['name']} is revoked.")
        else:
            self.stdout.write(f"API key {told['name']} ({', '.join(told['scopes']) or 'no scopes'}), shown only now:\n{told['api_key']}")

    def _do(self, given: dict[str, Any]) -> dict[str, Any]:
        name, now, actor = given["name"], clock.now(), Actor.job("api_key")
        if given["rotate"] or given["revoke"]:
            key = ApiKey.objects.filter(name=name).first()
            if key is None:
                raise CommandError(f"There is no key {name}.")
            if given["revoke"]:
                services.revoke_key(key, actor=actor, now=now)
                return {"name": name, "scopes": key.scopes, "api_key": None}
            return {"name": name, "scopes": key.scopes, "api_key": services.rotate_key(key, actor=actor, now=now)}
        self._check(name)
        scopes = [scope.strip() for scope in given["scopes"].split(",") if scope.strip()]
        if not scopes:
            raise CommandError(f"A new key needs --scopes, some of {', '.join(SCOPES)}.")
        expires_at = now + timedelta(days=given["days"]) if given["days"] else None
        key, secret = services.create_key(name=name, scopes=scopes, owner=self._owner(given["owner"]), expires_at=expires_at, actor=actor, now=now)
        return {"name": key.name, "scopes": key.scopes, "api_key": secret}

    def _check(self, name: str) -> None:
        try:
            validate_slug(name)
        except ValidationError as error:
            raise CommandError(f"{name!r} is no name for a key: use letters, digits, - and _.") from error
        if len(name) > 60:
            raise CommandError("The name is longer than 60 characters.")

    def _owner(self, email: str) -> User | None:
        if not email:
            return None
        owner = User.objects.filter(email__iexact=email, is_active=True).first()
        if owner is None:
            raise CommandError(f"Nobody of the staff has the email address {email}.")
        return owner
