"""Writes an imagined company into the database: staff, accounts, people, activity and its daily rollups, in one transaction."""

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zlib import crc32

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import connection, transaction

from apps.accounts import services as accounts_services
from apps.accounts.models import Account, Contact, EventName, Team, User
from apps.accounts.roles import create_groups
from apps.accounts.types import Role, Stage

from . import books, papers, telephone, tongues, voices
from .model import DAYS, Company, Customer, Person, generator
from .streams import MEANINGS, Happening, happenings

SOURCE = "demo"
PASSWORD = "demo-demo-1"
ONBOARDING_DAYS = 45
CARE, STUDIOS = "Clinics and care", "Studios and services"
CARE_TRADES = ("Dental clinic", "Physiotherapy", "Veterinary clinic", "Accounting office")

# Email, name, role, team, time zone. The first is the one to sign in with.
STAFF = (
    ("csm@demo.test", "Mara Lindqvist", Role.CSM, CARE, "Europe/Stockholm"),
    ("tomas@demo.test", "Tomás Ferreira", Role.CSM, CARE, "Europe/Lisbon"),
    ("aisha@demo.test", "Aisha Rahman", Role.CSM, CARE, "Europe/London"),
    ("jonas@demo.test", "Jonas Keller", Role.CSM, STUDIOS, "Europe/Berlin"),
    ("chloe@demo.test", "Chloé Martin", Role.CSM, STUDIOS, "America/Toronto"),
    ("lead@demo.test", "Ruth Achterberg", Role.TEAM_LEAD, CARE, "Europe/Amsterdam"),
    ("admin@demo.test", "Priya Natarajan", Role.ADMINISTRATOR, None, "UTC"),
    ("viewer@demo.test", "Henrik Aalto", Role.VIEWER, None, "Europe/Helsinki"),
)

_ROLL_UP = """
insert into accounts_dailyrollup (account_id, day, name, count, value)
select account_id, (at at time zone 'UTC')::date, name, count(*), sum(value::numeric) from accounts_activityevent
where source = %s group by 1, 2, 3 order by 1, 2, 3
"""
_KEYS = "insert into accounts_messagekey select accounts_message_key(source, message_id) from accounts_activityevent where source = %s order by 1"
_COPY = "copy accounts_activityevent (account_id, contact_id, source, message_id, name, at, received_at, value, properties) from stdin"


def is_there() -> bool:
    return Account.objects.filter(synthetic=True, external_id__startswith="hl-").exists()


def staff() -> dict[str, User]:
    """The people who work here, by email; who exists already keeps password and rights."""
    create_groups()
    teams = {name: Team.objects.get_or_create(name=name)[0] for name in (CARE, STUDIOS)}
    password = make_password(PASSWORD)
    people = {}
    for email, full_name, role, team, zone in STAFF:
        person, fresh = User.objects.get_or_create(
            email=email,
            defaults={
                "full_name": full_name,
                "team": teams[team] if team else None,
                "time_zone": zone,
                "is_superuser": role == Role.ADMINISTRATOR,
                "password": password,
            },
        )
        if fresh:
            person.groups.add(Group.objects.get(name=role.value))
        people[email] = person
    return people


def write(company: Company, *, seed: int, as_known_on: date) -> dict[str, int]:
    """Store the whole company; all of it or nothing. Returns how many rows of each kind.

    Customers who leave on or after `as_known_on` are stored as present ones: `past` lets them go on their day.
    """
    with transaction.atomic():
        people = staff()
        today = company.until.date()
        owners = _owners(company, people, seed)
        accounts = Account.objects.bulk_create([_account(customer, owners[customer.key], today, as_known_on) for customer in company.customers])
        numbers = telephone.numbers(person.key for customer in company.customers for person in customer.people)
        contacts = Contact.objects.bulk_create(
            [
                _contact(person, account.pk, today, numbers.get(person.key, ""))
                for customer, account in zip(company.customers, accounts, strict=True)
                for person in customer.people
                if person.joined_on is None or person.joined_on <= today
            ]
        )
        EventName.objects.bulk_create(
            [EventName(name=name, meaning=meaning) for name, meaning in MEANINGS.items()],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["meaning"],
        )
        person_ids = {contact.external_id: contact.pk for contact in contacts}
        ids = [[person_ids[person.key] for person in customer.people if person.key in person_ids] for customer in company.customers]
        accounts_services.make_months(today - timedelta(days=back) for back in range(DAYS + 1))
        stored = _copy(sorted(happenings(company, seed), key=_when), [account.pk for account in accounts], ids)
        with connection.cursor() as cursor:
            cursor.execute(_ROLL_UP, [SOURCE])
            rollups = cursor.rowcount
            cursor.execute(_KEYS, [SOURCE])
        written = papers.write(source=SOURCE, now=company.until) | voices.write(now=company.until)
        kept = zip(company.customers, accounts, strict=True)
        leaving = [account.pk for customer, account in kept if customer.churned_on is not None and customer.churned_on >= as_known_on]
        written |= books.write(known_on=as_known_on, until=company.until, leaving=leaving)
        with connection.cursor() as cursor:
            # The planner has no figures for tables filled a moment ago, and the scoring query comes next.
            cursor.execute("analyze accounts_account, accounts_contact, accounts_activityevent, accounts_dailyrollup")
    return {"accounts": len(accounts), "contacts": len(contacts), "activity": stored, "rollups": rollups, **written}


def _when(happening: Happening) -> tuple[datetime, int, str]:
    return happening.at, happening.customer, happening.name


def _copy(rows: Iterable[Happening], accounts: list[int], people: list[list[int]]) -> int:
    stored = 0
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        lines: list[str] = []
        for stored, row in enumerate(rows, 1):
            person = people[row.customer][row.person] if row.person is not None else r"\N"
            received = row.at + timedelta(seconds=2 + stored % 40)
            properties = json.dumps(row.properties) if row.properties else r"\N"
            lines.append(
                f"{accounts[row.customer]}\t{person}\t{SOURCE}\tpast-{stored}\t{row.name}\t{row.at}\t{received}\t{row.value}\t{properties}\n"
            )
            if len(lines) == 5000:
                copy.write("".join(lines))
                lines.clear()
        copy.write("".join(lines))
    return stored


def _owners(company: Company, people: dict[str, User], seed: int) -> dict[str, User]:
    """Clinics go to one team and studios to the other, dealt out in turn so that books are alike; an account keeps its CSM as the company grows."""
    books = {team: [people[email] for email, _name, role, of, _zone in STAFF if role == Role.CSM and of == team] for team in (CARE, STUDIOS)}
    draw, turn, owners = generator(seed, "owners"), {CARE: 0, STUDIOS: 0}, {}
    for customer in company.customers:
        team = CARE if customer.trade.name in CARE_TRADES or draw.random() < 0.1 else STUDIOS
        owners[customer.key] = books[team][turn[team] % len(books[team])]
        turn[team] += 1
    return owners


def _account(customer: Customer, owner: User, today: date, as_known_on: date) -> Account:
    churned_on = customer.churned_on if customer.churned_on is not None and customer.churned_on < as_known_on else None
    present = Stage.ONBOARDING if (today - customer.started_on).days < ONBOARDING_DAYS else Stage.ACTIVE
    return Account(
        external_id=customer.key,
        name=customer.name,
        domain=customer.domain,
        plan=customer.plan,
        stage=Stage.CHURNED if churned_on is not None else present,
        owner=owner,
        time_zone=customer.time_zone,
        currency=books.CURRENCIES.get(customer.country, "USD"),
        arr=customer.arr,
        seats=customer.seats,
        seats_used=_seats_used(customer),
        started_on=customer.started_on,
        renews_on=customer.renews_on,
        churned_on=churned_on,
        traits={"industry": customer.trade.name, "country": customer.country, "contract": customer.contract},
        synthetic=True,
    )


def _seats_used(customer: Customer) -> int:
    """One customer in eight has hardly a seat left; by the key, so that nobody else's chance is moved."""
    place = crc32(customer.key.encode()) % 1000 / 1000
    share = 0.92 + 0.08 * place * 8 if place < 0.125 else 0.35 + 0.5 * place
    return max(1, min(customer.seats, round(customer.seats * share)))


def _contact(person: Person, account_id: int, today: date, phone: str) -> Contact:
    departed = person.departed_on if person.departed_on is not None and person.departed_on <= today else None
    return Contact(
        account_id=account_id,
        external_id=person.key,
        name=person.name,
        email=person.email,
        role=person.role,
        phone=phone,
        locale=tongues.of(person.key),
        departed_on=departed,
    )
