"""How far an occurrence is, and what became of everybody in it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from apps.messaging.services import foresight

from ..models import Occurrence

_COUNT = """
select r.state, r."left", coalesce(m.state, ''), count(*) from campaigns_recipient r left join messaging_message m on m.id = r.message_id
where r.occurrence_id = %s group by 1, 2, 3
"""
_UNSENT = """
select m.reason, count(*) from messaging_message m join campaigns_recipient r on r.message_id = m.id
where r.occurrence_id = %s and m.state in ('suppressed', 'expired', 'cancelled', 'failed') group by 1 order by 2 desc, 1 limit 1000
"""


@dataclass(frozen=True)
class Progress:
    """Counts of recipients by state, by reason of those left out or skipped, of their messages by state, and why messages were not sent.

    The latter without the names and moments of each.
    """

    states: dict[str, int]
    left: dict[str, int]
    messages: dict[str, int]
    unsent: dict[str, int]
    as_of: datetime

    @property
    def all(self) -> int:
        return sum(self.states.values())

    @property
    def done_percent(self) -> int:
        """Of those who were to get something."""
        waits = self.states.get("planned", 0)
        worked = sum(self.states.get(state, 0) for state in ("handed", "skipped", "cancelled"))
        return 100 * worked // (worked + waits) if worked + waits else 100


def progress(occurrence: Occurrence, *, now: datetime) -> Progress:
    """In two statements."""
    states: dict[str, int] = {}
    left: dict[str, int] = {}
    messages: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [occurrence.pk])
        for state, why, sent, count in cursor.fetchall():
            states[state] = states.get(state, 0) + count
            if why:
                left[why] = left.get(why, 0) + count
            if sent:
                messages[sent] = messages.get(sent, 0) + count
        cursor.execute(_UNSENT, [occurrence.pk])
        unsent: Counter[str] = Counter()
        for reason, count in cursor.fetchall():
            unsent[foresight.kind_of(reason)] += count
    return Progress(states, left, messages, dict(unsent.most_common()), now)
