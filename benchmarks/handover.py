"""Handing messages to a provider that answers at once, against the bare claim loop (claim and finish, two statements a batch) on the same rows.

In-app is the provider: the row itself is the delivery, so what is measured is ours.
"""

import uuid
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from apps.accounts.models import Account, Contact
from apps.messaging import dispatch
from apps.messaging.models import Message

from .measure import cost

MESSAGES = 1000
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


def _queue(run: str) -> None:
    account, _ = Account.objects.get_or_create(external_id="handover", defaults={"name": "Handover"})
    people = Contact.objects.bulk_create([Contact(account=account, external_id=f"{run}-{number}", name="Sam") for number in range(MESSAGES)])
    Message.objects.bulk_create(
        Message(
            account=account,
            contact=person,
            channel="in_app",
            subject="Hello",
            body="How is it going?",
            idem_key=f"{run}-{person.pk}",
            reply_token=uuid.uuid4().hex,
            due_at=NOW,
            expires_at=NOW + timedelta(days=3),
            created_at=NOW,
        )
        for person in people
    )


def _ours() -> None:
    while dispatch.one_round("in_app", owner="bench", clock=lambda: NOW):
        pass


def _bare() -> None:
    with connection.cursor() as cursor:
        while True:
            with transaction.atomic():
                cursor.execute(
                    """with mine as (select id from messaging_message where channel = 'in_app' and state = 'queued' and due_at <= %s
                                     order by lane_rank, due_at, id limit 20 for update skip locked)
                       update messaging_message m set state = 'sending', owner = 'bare', attempt = attempt + 1
                       from mine where m.id = mine.id returning m.id""",
                    [NOW],
                )
                keys = [row[0] for row in cursor.fetchall()]
            if not keys:
                return
            for key in keys:
                cursor.execute(
                    "update messaging_message set state = 'sent', sent_at = %s where id = %s and owner = 'bare' and state = 'sending'", [NOW, key]
                )


def run() -> dict[str, float]:
    _queue(uuid.uuid4().hex[:8])
    bare = cost(_bare)
    _queue(uuid.uuid4().hex[:8])
    ours = cost(_ours)
    assert not Message.objects.filter(channel="in_app", state="queued").exists()
    return {
        "over_claim_loop": round(ours.cpu / bare.cpu, 1),
        "messages_per_cpu_second": round(MESSAGES / ours.cpu),
        "bare_per_cpu_second": round(MESSAGES / bare.cpu),
    }
