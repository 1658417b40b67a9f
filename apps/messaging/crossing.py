"""A customer's no and a message on its way to them never cross.

Whoever hands a message to a provider holds a shared lock of its contact, from before the contact's word is read until the provider has answered.
Whoever writes down a no waits for the lock alone: what is being handed over ends first, what comes later reads the no. So after the no is committed
nothing is handed over any more. A provider that does not answer keeps nobody waiting for longer than PATIENCE: that call began before.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, OperationalError, connection, transaction

PATIENCE_MS = 5_000
_KEY = "hashtext('messaging.contact'), (%s %% 2147483647)::int"


@contextmanager
def handing_over(contact_id: int, *, until_commit: bool) -> Iterator[None]:
    """Hold off a no of this contact. The lock is the session's, so that whoever is killed gives it back at once; or the transaction's, where the row
    itself is the delivery."""
    with connection.cursor() as cursor:
        if until_commit:
            cursor.execute(f"select pg_advisory_xact_lock_shared({_KEY})", [contact_id])  # noqa: S608 (our own constant)
        else:
            cursor.execute(f"select pg_advisory_lock_shared({_KEY})", [contact_id])  # noqa: S608
    try:
        yield
    finally:
        if not until_commit:
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute(f"select pg_advisory_unlock_shared({_KEY})", [contact_id])  # noqa: S608


def await_handovers(contact_id: int) -> None:
    """Wait for what is being handed to this contact, and let nothing new begin until the present transaction ends. Call it before other locks."""
    with suppress(OperationalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select current_setting('lock_timeout')")
        [before] = cursor.fetchone()
        cursor.execute("select set_config('lock_timeout', %s, true)", [f"{PATIENCE_MS}ms"])
        cursor.execute(f"select pg_advisory_xact_lock({_KEY})", [contact_id])  # noqa: S608
        cursor.execute("select set_config('lock_timeout', %s, true)", [before])
