"""The first day on which each running number of everybody passed each threshold, and where it stands: the rollups are read once, packed by account,
and the rest is arithmetic on arrays, which costs a quarter of what window functions in the database do.

Days are counted from 1970 in 16 bits, so until 2149. Sums of amounts are kept in float64: a threshold counts as passed a millionth below it. Whoever
stands that near may be looked at in vain, and is never overlooked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import sql

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_EPOCH, _OF_DATES = date(1970, 1, 1), 10_957  # binary dates are counted from 2000
_NEVER = 2**31 - 1  # what a date column holds for "infinity"
_NEAR = 1e-6
# Accounts read at once: some 100 MB with 150 rollups each.
_ACCOUNTS = 20_000
# No window of days reaches from one group into the next.
_APART = 2**18
_ELEMENT = {"int": np.dtype([("size", ">i4"), ("own", ">i8")]), "float": np.dtype([("size", ">i4"), ("own", ">f8")])}
_HEADER = 19

_PACKED = """
copy (
    select r.account_id, array_agg((t.place::bigint << 48) | ((r.day - date '1970-01-01')::bigint << 32) | r.count::bigint),
        array_agg(r.value::float8)
    from accounts_dailyrollup r join (values {names}) as t(name, place) on t.name = r.name
    where r.day <= {last} and r.account_id > {low} and r.account_id <= {high} group by r.account_id
) to stdout (format binary)
"""


@dataclass(frozen=True)
class Measure:
    """A running number kept in `milestone_firsts`: counts or amounts (`by_value`), ever or within `days`. Its columns begin with `key`; `thresholds`
    of each name, in order; `places` are the numbers of all names."""

    key: str
    by_value: bool
    days: int | None
    thresholds: Mapping[str, Sequence[float]]
    places: Mapping[str, int]

    @property
    def most(self) -> int:
        return max(len(own) for own in self.thresholds.values())

    @property
    def columns(self) -> list[str]:
        return [f"{self.key}_{place}" for place in range(1, self.most + 1)]

    def asked(self) -> Floats:
        """Thresholds by place of the name and place of the threshold; infinite where there is none."""
        table = np.full((len(self.places), self.most), np.inf)
        for name, own in self.thresholds.items():
            exact = np.array(own)
            table[self.places[name], : len(own)] = exact - _NEAR * np.maximum(1.0, np.abs(exact)) if self.by_value else exact
        return table


@dataclass(frozen=True)
class _Rollups:
    """Of some accounts: rows sorted by account, name and day. `starts`: where each (account, name) begins; `group`: to which one a row belongs."""

    accounts: Ints
    places: Ints
    days: Ints
    counts: Ints
    values: Floats
    starts: Ints
    group: Ints


def fill(measures: Sequence[Measure], *, last: date) -> None:
    """Make the temporary table `milestone_firsts` of this transaction: account, place of the name, per measure days (infinity: never) and _have."""
    days = [column for measure in measures for column in measure.columns]
    have = [f"{measure.key}_have" for measure in measures]
    columns = ", ".join(["account_id bigint", "place int", *(f"{name} date" for name in days), *(f"{name} float8" for name in have)])
    row = np.dtype(
        [("fields", ">i2"), ("s0", ">i4"), ("account", ">i8"), ("s1", ">i4"), ("place", ">i4")]
        + [part for name in days for part in ((f"s_{name}", ">i4"), (name, ">i4"))]
        + [part for name in have for part in ((f"s_{name}", ">i4"), (name, ">f8"))]
    )
    with connection.cursor() as cursor:
        cursor.execute(f"create temporary table milestone_firsts ({columns}) on commit drop")
    places = measures[0].places
    for rollups in _read(places, last):
        told = _told(rollups, measures, row, last)
        with connection.cursor() as cursor, cursor.copy("copy milestone_firsts from stdin (format binary)") as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + b"\0" * 8)
            copy.write(told.tobytes())
            copy.write(b"\xff\xff")


def _told(rollups: _Rollups, measures: Sequence[Measure], row: np.dtype[np.void], last: date) -> NDArray[np.void]:
    made = np.zeros(len(rollups.starts), row)
    made["fields"] = (len(row.names or ()) - 1) // 2
    made["s0"], made["account"], made["s1"] = 8, rollups.accounts[rollups.starts], 4
    made["place"] = rollups.places[rollups.starts]
    today = (last - _EPOCH).days
    spread = rollups.group * _APART + rollups.days
    for measure in measures:
        amounts = rollups.values if measure.by_value else rollups.counts
        total = np.concatenate([np.zeros(1, amounts.dtype), np.cumsum(amounts)])
        since = np.searchsorted(spread, spread - (measure.days - 1)) if measure.days else rollups.starts[rollups.group]
        running = total[1:] - total[since]
        asked = measure.asked()
        for number, name in enumerate(measure.columns):
            passed = running >= asked[rollups.places, number]
            first = np.minimum.reduceat(np.where(passed, rollups.days - _OF_DATES, _NEVER), rollups.starts)
            made[f"s_{name}"], made[name] = 4, first
        counted = np.where(rollups.days > today - measure.days, amounts, 0) if measure.days else amounts
        made[f"s_{measure.key}_have"], made[f"{measure.key}_have"] = 8, np.add.reduceat(counted, rollups.starts)
    # Side by side by name, as they are looked for.
    ordered: NDArray[np.void] = made[np.argsort(made["place"], kind="stable")]
    return ordered


def _read(places: Mapping[str, int], last: date) -> Iterator[_Rollups]:
    with connection.cursor() as cursor:
        cursor.execute("select id from accounts_account order by id")
        ids = [key for (key,) in cursor.fetchall()]
    names = sql.SQL(", ").join(sql.SQL("({}, {})").format(sql.Literal(name), sql.Literal(place)) for name, place in places.items())
    for begin in range(0, len(ids), _ACCOUNTS):
        part = ids[begin : begin + _ACCOUNTS]
        text = sql.SQL(_PACKED).format(names=names, last=sql.Literal(last), low=sql.Literal(part[0] - 1), high=sql.Literal(part[-1]))
        if found := _unpacked(text):
            yield _sorted(*found, len(places))


def _unpacked(text: sql.Composed) -> tuple[Ints, Ints, Ints, Floats] | None:
    """(accounts, rows of each, packed numbers, amounts) of a binary COPY: its header once, then per account two arrays without nulls."""
    accounts, sizes, packed, values = [], [], [], []
    with connection.cursor() as cursor, cursor.copy(text) as copy:
        skip = _HEADER
        for block in copy:
            data = bytes(block)
            if len(data) - skip <= 2:
                # The header alone, or the mark of the end.
                skip = 0
                continue
            accounts.append(int.from_bytes(data[skip + 6 : skip + 14], "big", signed=True))
            length = int.from_bytes(data[skip + 14 : skip + 18], "big")
            size = (length - 20) // 12
            sizes.append(size)
            packed.append(np.frombuffer(data, _ELEMENT["int"], size, skip + 38)["own"])
            values.append(np.frombuffer(data, _ELEMENT["float"], size, skip + 38 + length - 20 + 4 + 20)["own"])
            skip = 0
    if not accounts:
        return None
    return (
        np.array(accounts, np.int64),
        np.array(sizes, np.int64),
        np.concatenate(packed).astype(np.int64),
        np.concatenate(values).astype(np.float64),
    )


def _sorted(accounts: Ints, sizes: Ints, packed: Ints, values: Floats, kinds: int) -> _Rollups:
    owner = np.repeat(np.arange(len(accounts)), sizes)
    place, day = packed >> 48, (packed >> 32) & 0xFFFF
    keys = ((owner * kinds + place) << 16) | day
    order = np.argsort(keys)
    keys, place, day = keys[order], place[order], day[order]
    group = keys >> 16
    fresh = np.concatenate([[True], group[1:] != group[:-1]])
    return _Rollups(accounts[owner[order]], place, day, (packed & 0xFFFFFFFF)[order], values[order], np.flatnonzero(fresh), np.cumsum(fresh) - 1)
