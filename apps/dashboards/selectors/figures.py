"""The strip of figures above the portfolio: of what the filters leave, counted one by one up to a bound."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F

from apps.churn.types import Band

from ..types import Figures
from . import portfolio
from .portfolio import Asked

COUNTED = 10_000
RENEWS_WITHIN = 90

_SUMS = """
select currency, count(*), sum(arr), count(*) filter (where band = %s), coalesce(sum(arr) filter (where band = %s), 0),
       count(*) filter (where renews_on between %s and %s), coalesce(sum(arr) filter (where renews_on between %s and %s), 0)
from ({book}) book group by currency order by 3 desc
"""


def figures(user: Any, asked: Asked, *, now: datetime) -> Figures:
    """Customers, ARR, high risk and coming renewals, per currency: sums of different currencies are never added up."""
    book = (
        portfolio.filtered(user, asked, now).order_by().annotate(band=F("risk__band")).values("arr", "currency", "renews_on", "band")[: COUNTED + 1]
    )
    sql, params = book.query.sql_with_params()
    first, last = now.date(), now.date() + timedelta(days=RENEWS_WITHIN)
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(book=sql), [Band.HIGH, Band.HIGH, first, last, first, last, *params])
        rows = cursor.fetchall()
    customers = sum(row[1] for row in rows)
    return Figures(
        customers=min(customers, COUNTED),
        counted=customers <= COUNTED,
        arr={row[0]: row[2] for row in rows},
        at_risk=sum(row[3] for row in rows),
        at_risk_arr={row[0]: row[4] for row in rows if row[3]},
        renewing=sum(row[5] for row in rows),
        renewing_arr={row[0]: row[6] for row in rows if row[5]},
    )
