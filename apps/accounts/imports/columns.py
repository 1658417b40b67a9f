"""Which column of a file is which of our fields: by --map, else by the names that files usually use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .problems import Problem
from .table import Table, Unreadable

# Our field -> the names (letters and digits only) that are recognised, the likeliest first.
Names = Mapping[str, tuple[str, ...]]
# A column with this in front is a trait, whatever else its name could mean.
TRAIT = "trait."


@dataclass(frozen=True)
class Columns:
    """Where each of our fields stands in a row, and the other columns by name."""

    fields: dict[str, int]
    others: dict[str, int]
    problems: list[Problem] = field(default_factory=list)


def plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def read_map(words: str, fields: Names, option: str = "--map") -> dict[str, str]:
    """`id=account_id,name=Company` -> {"id": "account_id", "name": "Company"}; our side may be written in any recognised way."""
    chosen: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in words.split(","))):
        ours, equals, theirs = (part.strip() for part in pair.partition("="))
        if not equals or not ours or not theirs:
            rest = "their_column. For example: --map id=customer_no,name=company" if option == "--map" else "value. For example: --set kind=nps"
            raise Unreadable(f"{option} {pair!r} is not our_field={rest}")
        known = next((name for name, names in fields.items() if ours == name), None) or next(
            (name for name, names in fields.items() if plain(ours) in names or plain(ours) == plain(name)), None
        )
        if known is None:
            raise Unreadable(f"{option} names our field {ours!r}, which does not exist. The fields are: {', '.join(fields)}.")
        if known in chosen:
            raise Unreadable(f"{option} names our field {known!r} twice.")
        chosen[known] = theirs
    return chosen


def find(table: Table, chosen: Mapping[str, str], fields: Names, *, leave_out: frozenset[str] = frozenset(), only_chosen: bool = False) -> Columns:
    """`leave_out` are columns with a part of their own, such as the one that says who churned, and those that nobody wants."""
    places, problems = {}, []
    for ours, theirs in chosen.items():
        if theirs in table.columns:
            places[ours] = table.columns[theirs]
        else:
            words = f'--map names the column "{theirs}" for {ours}, but the file has: {", ".join(table.columns)}.'
            problems.append(Problem(None, theirs, words))
    taken = set(places.values()) | {table.columns[name] for name in leave_out if name in table.columns}
    by_plain = {plain(name): place for name, place in reversed(table.columns.items()) if place not in taken and not name.startswith(TRAIT)}
    for ours, names in {}.items() if only_chosen else fields.items():
        if ours not in chosen and (place := next((by_plain[name] for name in names if name in by_plain), None)) is not None and place not in taken:
            places[ours] = place
            taken.add(place)
    others = {name.removeprefix(TRAIT): place for name, place in table.columns.items() if place not in taken}
    return Columns(places, others, problems)
