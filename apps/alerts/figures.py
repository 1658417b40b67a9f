"""What alerts add to the registry of figures: how many are open, and how many of those that people spoke of were useful."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from apps.metrics.services import Declared, Offer, formulas
from apps.metrics.types import Metric, Unit

_JUDGED = timedelta(days=90)
_MEASURES = ("alerts_open", "alerts_urgent", "alerts_useful", "alerts_judged")
_DIMENSIONS = ("owner", "team")

# By who looks after the account; alerts of the platform count with those of nobody.
_COUNT = """
select coalesce(a.owner_id, 0), count(*) filter (where l.state <> 'resolved'),
       count(*) filter (where l.state <> 'resolved' and l.severity = 'urgent'),
       count(*) filter (where l.useful and l.opened_at >= %(since)s), count(*) filter (where l.useful is not null and l.opened_at >= %(since)s)
from alerts_alert l left join accounts_account a on a.id = l.account_id
where l.state <> 'resolved' or (l.useful is not null and l.opened_at >= %(since)s) group by 1
"""


def sums(now: datetime) -> Mapping[tuple[str, str, str, int, str], Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"since": now - _JUDGED})
        rows = cursor.fetchall()
    return {(measure, "", "", owner, ""): Decimal(amount) for owner, *amounts in rows for measure, amount in zip(_MEASURES, amounts, strict=True)}


FIGURES = (
    Declared(
        Metric("open_alerts", "Open alerts", "Alerts", Unit.COUNT, "Alerts that are not resolved.", dimensions=_DIMENSIONS, better="down"),
        formulas.total("alerts_open"),
    ),
    Declared(
        Metric("urgent_alerts", "Open urgent alerts", "Alerts", Unit.COUNT, "Urgent alerts, not resolved.", dimensions=_DIMENSIONS, better="down"),
        formulas.total("alerts_urgent"),
    ),
    Declared(
        Metric(
            *("alert_precision", "Alert precision", "Alerts", Unit.SHARE, "Of the alerts of 90 days that people spoke of, those they found useful."),
            of="alerts that people spoke of",
            dimensions=_DIMENSIONS,
            fresh=600,
            better="up",
        ),
        formulas.share("alerts_useful", "alerts_judged", words="Nobody has said of an alert whether it was useful."),
    ),
)
OFFER = Offer(_MEASURES, sums)
