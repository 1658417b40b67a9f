"""What went wrong is logged without what the rows held."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from apps.messaging.models import Suppression
from cs_platform.celery import log_discreetly
from cs_platform.log import Discreet

pytestmark = pytest.mark.django_db
CANARY = "canary7f3a91@customer.test"


def twice() -> None:
    for _ in range(2):
        Suppression.objects.create(channel="email", address=CANARY, reason="x", at=datetime(2026, 3, 11, tzinfo=UTC))


def no_json() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select %s::jsonb", [f'{{"a": {CANARY}}}'])


@pytest.mark.parametrize(
    ("wrong", "error", "kept"), [(twice, IntegrityError, "one_suppression_per_address"), (no_json, DataError, "invalid input syntax")]
)
def test_a_refused_row_is_told_by_its_rule_and_not_by_its_values(wrong, error, kept):
    with pytest.raises(error) as caught, transaction.atomic():
        wrong()
    assert CANARY in str(caught.value)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "it failed: %s", (caught.value,), (error, caught.value, caught.value.__traceback__))
    line = Discreet("%(message)s").format(record)
    assert CANARY not in line
    assert kept in line
    assert line.count("Traceback (most recent call last)") == 2
    assert "in twice" in line or "in no_json" in line


def test_the_loggers_of_the_house_and_of_celery_are_discreet():
    celery = logging.getLogger("celery-like")
    celery.addHandler(logging.StreamHandler())
    celery.handlers[0].setFormatter(logging.Formatter("%(task_id)s %(message)s"))
    log_discreetly(logger=celery)
    record = logging.makeLogRecord({"msg": f"no\nDETAIL:  Key (address)=({CANARY}) exists.", "task_id": "t1"})
    assert celery.handlers[0].format(record) == "t1 no (DETAIL left out)"
    assert [type(handler.formatter) for handler in logging.getLogger().handlers if type(handler) is logging.StreamHandler] == [Discreet]


def test_the_servers_own_log_keeps_neither_values_nor_statements():
    log = Path(os.environ["CS_VAR"]) / "postgres.log"
    if not log.exists():
        pytest.skip("NOT RUN: the server is not ours")
    with pytest.raises(IntegrityError), transaction.atomic():
        twice()
    words = log.read_text(errors="replace")
    assert "one_suppression_per_address" in words
    assert CANARY not in words
