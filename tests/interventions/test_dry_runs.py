"""A dry run from the row that asks for it to what the page shows, with the real engine."""

from datetime import timedelta

import pytest

from apps.core import clock
from apps.core.actor import Actor
from apps.interventions import rehearsals
from apps.messaging import services as messaging
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def test_a_dry_run_of_the_real_engine_is_kept_and_shown(client):
    now = clock.now()
    messaging.write_template(
        key="hello", channel="email", subject="Hello", body="Hi {{ contact.first_name }}", actor=ACTOR, now=now - timedelta(days=100)
    )
    customer = make.account(name="Riverside Dental")
    make.contact(customer)
    make.activity(customer, now - timedelta(days=50), name="export_failed")
    make.activity(customer, now - timedelta(days=49), name="export_failed")
    steps = [{"kind": "message", "id": "hello", "channel": "email", "template": "hello"}, {"kind": "task", "id": "call", "title": "Call them"}]
    play = make.play(key="calls", says={"trigger": {"kind": "activity", "name": "export_failed"}, "steps": steps})
    row = rehearsals.ask(play, says=play.current.definition, actor=ACTOR, now=now)
    assert rehearsals.work(row.pk, clock=clock.now) == "done"
    row.refresh_from_db()
    found = row.found
    assert [entry.account_id for entry in found.entries] == [customer.pk]
    assert [line.step for line in found.lines] == ["hello", "call"]
    assert (found.tasks, row.done, row.total > 0) == (1, row.total, True)
    client.force_login(make.user(None, is_superuser=True))
    page = " ".join(client.get("/plays/calls/?view=try").content.decode().split())
    assert "1 run would have begun, 0 of them held out." in page
    assert "Riverside Dental" in page
