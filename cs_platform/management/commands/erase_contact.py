import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.models import Account, Contact
from apps.core import clock
from apps.core.actor import Actor
from cs_platform.privacy import erase


def people(words: str) -> list[Contact]:
    """Whoever has this email address (also in other accounts), this key, or this id of your own systems."""
    found = Contact.objects.select_related("account").order_by("pk")
    if "@" in words:
        return list(found.filter(email__iexact=words))
    return list(found.filter(pk=words) if words.isdigit() and found.filter(pk=words).exists() else found.filter(external_id=words))


class Command(BaseCommand):
    help = "Erase a person's data everywhere and for good, or with --account a whole account. The numbers are shown first; statistics stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", metavar="EMAIL|ID", help="the person's email address, key or own id; with --account the account's id")
        parser.add_argument("--account", action="store_true", help="Erase the account with this id, and all its people.")
        parser.add_argument("--dry-run", action="store_true", help="Only show the numbers.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object on the last line.")

    def handle(self, *args: Any, **given: Any) -> None:
        found: list[Any] = list(Account.objects.filter(external_id=given["who"])) if given["account"] else people(given["who"])
        if not found:
            raise CommandError(f"Nobody is known as {given['who']!r}.")
        foreseen = [erase.preview(one) for one in found]
        for one, numbers in zip(found, foreseen, strict=True):
            (self.stderr if given["json"] else self.stdout).write(f"{one._meta.verbose_name.capitalize()} {one.pk}: {numbers.in_words}.")
        if not given["dry_run"]:
            if not given["yes"] and input("Erase this for good? Type yes: ").strip().lower() != "yes":
                raise CommandError("Nothing was erased.")
            actor, now = Actor.job("erase_contact"), clock.now()
            work = erase.erase_account if given["account"] else erase.erase_person
            foreseen = [work(one, actor=actor, now=now) for one in found]
        if given["json"]:
            rows = {f"{one._meta.model_name}:{one.pk}": numbers.rows for one, numbers in zip(found, foreseen, strict=True)}
            self.stdout.write(json.dumps({"erased": not given["dry_run"], "rows": rows, "mails": sum(one.mails for one in foreseen)}))
        elif not given["dry_run"]:
            self.stdout.write("Erased.")
