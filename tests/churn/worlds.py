"""Small companies with a known law of leaving, written straight into the tables for speed."""

from datetime import date, timedelta

import numpy as np
from django.db import connection

from apps.accounts.models import Account, EventName

DAY = timedelta(days=1)


def company(until: date, *, accounts: int = 300, leavers: int = 90, days: int = 300, fade: int = 40, seed: int = 0) -> list[Account]:
    """Accounts that act about every third day; leavers act less and less in the last `fade` days before they go (0: nobody can foresee them)."""
    draw = np.random.default_rng(seed)
    EventName.objects.bulk_create([EventName(name=name) for name in ("login", "report")], ignore_conflicts=True)
    first = until - days * DAY
    goes = {number: int(draw.integers(80, days)) for number in range(leavers)}
    made = Account.objects.bulk_create(
        [
            Account(
                external_id=f"w{number}",
                name=f"World {number}",
                arr=1000,
                started_on=first - int(draw.integers(1, 300)) * DAY,
                churned_on=first + goes[number] * DAY if number in goes else None,
                stage="churned" if number in goes else "active",
                traits={"tier": str(draw.choice(["a", "b", "c"])), "size": int(draw.integers(1, 50))},
            )
            for number in range(accounts)
        ]
    )
    rollups = []
    for number, account in enumerate(made):
        gone = goes.get(number, days)
        rate = draw.uniform(0.2, 0.5)
        for day in range(min(gone, days)):
            left = gone - day
            chance = rate * (left / fade if number in goes and left < fade else 1)
            if draw.random() < chance:
                for name in ("login", "report")[: 1 + int(draw.integers(0, 2))]:
                    rollups.append((account.pk, first + day * DAY, name, 1 + int(draw.poisson(2)), 1.0))
    with connection.cursor() as cursor, cursor.copy("copy accounts_dailyrollup (account_id, day, name, count, value) from stdin") as copy:
        for row in rollups:
            copy.write_row(row)
    return made


def table_company(*, accounts: int = 400, seed: int = 0, shuffled: bool = False) -> list[Account]:
    """Accounts without activity, told apart by their columns; `shuffled` deals the outcomes out at random."""
    draw = np.random.default_rng(seed)
    contract = draw.choice(["monthly", "yearly"], accounts)
    charge = draw.normal(60, 15, accounts)
    chance = 1 / (1 + np.exp(-(np.where(contract == "monthly", 0.5, -2.0) + (charge - 60) / 15)))
    gone = draw.random(accounts) < chance
    if shuffled:
        gone = draw.permutation(gone)
    return Account.objects.bulk_create(
        [
            Account(
                external_id=f"t{number}",
                name=f"Row {number}",
                stage="churned" if gone[number] else "active",
                traits={"Contract": str(contract[number]), "Charge": float(charge[number])},
            )
            for number in range(accounts)
        ]
    )
