"""docs/csv.md is made from the kinds of files that the imports know, so it cannot disagree with them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.accounts.imports import ACTIVITY_FIELDS, KINDS

_HEAD = """# Files: the columns of each kind

Made by `make manage ARGS=document_csv` from `apps/accounts/imports/`; a test holds them together. How imports work: [data.md](data.md).

A header row is needed; names count without case, spaces and signs (`Account ID` = `account_id`). Columns with other names:
`--map ours=theirs,...` or by hand on the page. What every row has in common: `--set kind=nps`, for activity `--set name=renewed`. No ids:
`--id-from account,product,start_date` makes them of columns that together tell rows apart, `--id-from '*'` of all columns but the one that says
who churned; `--id-from-row` calls accounts by their row, so that the file must keep its order.

Days are `2026-03-31`, `31.03.2026` with `--dates dmy`, `03/31/2026` with `--dates mdy`; moments add ` 14:30:00`, and a zone (`Z`, `+01:00`),
else they are UTC; a date cell of a workbook is a date. Numbers are `1234.5`, without separators or units. Empty, `null`, `NaN` and `N/A` say nothing.
Encoding: UTF-8, or `--encoding latin-1`, `cp1252`, `utf-16`. Quotes as in RFC 4180.
"""
_ACTIVITY_WORDS = {
    "account": "The account's id; the account must be known",
    "subscription": "Instead of account: the id of a contract of theirs; it must be known",
    "at": "When it happened; not in the future",
    "name": "What happened, at most 160 characters; a new name waits for a meaning",
    "value": "A count or an amount; else 1",
    "contact": "The id of the person who did it, if known at this account",
    "source": "With message_id, as exported: the message counts once",
    "message_id": "With source, as exported: the message counts once",
}
_COMMANDS = {"accounts": "import_accounts FILE", "activity": "import_activity FILE"}


def as_markdown() -> str:
    lines = [_HEAD]
    for kind in KINDS.values():
        lines += _section(kind.name, [(ours, one.names, one.words, one.required) for ours, one in kind.fields.items()])
        lines += [f"Other columns {'become traits' if kind.takes_traits else 'are not read'}.", ""]
    lines += _section(
        "activity", [(ours, names, _ACTIVITY_WORDS[ours], ours in {"account", "at", "name"}) for ours, names in ACTIVITY_FIELDS.items()]
    )
    lines += ["Other columns become properties.", ""]
    return "\n".join(lines)


def _section(name: str, fields: list[tuple[str, tuple[str, ...], str, bool]]) -> list[str]:
    lines = [
        f"## {name.capitalize()}",
        f"`{_COMMANDS.get(name, f'import_records {name} FILE')}`",
        "",
        "| field | holds | needed | recognised as |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{ours}` | {words} | {'yes' if needed else ''} | {', '.join(names)} |" for ours, names, words, needed in fields]
    return [*lines, ""]


class Command(BaseCommand):
    help = "Write docs/csv.md: the columns of every kind of file."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "csv.md"
        path.write_text(as_markdown())
        self.stdout.write(f"{path}: {len(KINDS) + 1} kinds.")
