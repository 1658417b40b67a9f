"""What keeps messages back besides the contact policy: a save play or an urgent ticket keeps promotions, a pause keeps all of a series.

Whoever starts a save play writes its hold in the same transaction, so the first claim after that commit sends no promotion any more. Urgent tickets
are read as they stand.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection
from django.db.models import Q

from apps.accounts.models import Ticket
from apps.accounts.types import TicketPriority, TicketState

from .models import Hold, Message
from .types import MessageState

_HOLD = """
insert into messaging_hold (source, account_id, series, reason, since)
select h.source, h.account, h.series, h.reason, %(now)s
from jsonb_to_recordset(%(holds)s::jsonb) as h(source text, account bigint, series text, reason text) order by h.source
on conflict (source) do nothing
"""
_TICKET = "an urgent ticket is open."


def hold_promotions(sources: Mapping[str, int], *, reason: str, now: datetime) -> None:
    """No promotions to these accounts, by source, until it is lifted. Call it in the transaction that makes the cause."""
    _write([{"source": source, "account": account, "series": "", "reason": reason[:200]} for source, account in sources.items()], now)


def hold_series(series: str, *, reason: str, now: datetime) -> None:
    """Nothing of this series leaves until it is lifted."""
    _write([{"source": series, "account": None, "series": series, "reason": reason[:200]}], now)


def lift_holds(sources: Collection[str]) -> int:
    """The causes are over. Returns how many holds there were."""
    return Hold.objects.filter(source__in=sources).delete()[0]


def lift_series(series: str, *, now: datetime) -> None:
    """Its messages are looked at with the next claim."""
    held = Hold.objects.filter(source=series).first()
    if held is not None:
        Message.objects.filter(series=series, state=MessageState.HELD, reason=held.reason, due_at__gt=now).update(due_at=now)
        held.delete()


def _write(holds: Collection[Mapping[str, object]], now: datetime) -> None:
    if holds:
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, {"holds": json.dumps(list(holds)), "now": now})


def over(messages: Collection[Message]) -> dict[int, dict[str, str]]:
    """What keeps these messages, by id, as fields of their history; two statements, none where none of them is of a series or a promotion."""
    selling = {message.account_id for message in messages if message.promotion}
    series = {message.series for message in messages if message.series}
    if not selling and not series:
        return {}
    saving = keeping(selling) if selling else {}
    paused = dict(Hold.objects.filter(series__in=series).values_list("series", "reason")) if series else {}
    return {
        message.pk: {"keeps": saving.get(message.account_id, "") if message.promotion else "", "paused": paused.get(message.series, "")}
        for message in messages
    }


def keeping(account_ids: Collection[int]) -> dict[int, str]:
    """By account why no promotions leave to it now; only those where something keeps them."""
    urgent = Ticket.objects.filter(account__in=account_ids, priority=TicketPriority.P1).filter(~Q(state=TicketState.SOLVED))
    found = dict.fromkeys(urgent.values_list("account_id", flat=True), _TICKET)
    return found | dict(Hold.objects.filter(account__in=account_ids).order_by("-pk").values_list("account_id", "reason"))
