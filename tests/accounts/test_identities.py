from datetime import timedelta

import pytest

from apps.accounts.models import ActivityEvent, Contact, Identity
from apps.accounts.services import identities, record_activity, rollups
from apps.accounts.types import ActivityItem
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def did(now, contact, *keys):
    return record_activity([ActivityItem(key, "login", now, contact=contact) for key in keys], source="web", now=now)


def whose():
    return dict(ActivityEvent.objects.values_list("message_id", "contact__external_id"))


def test_a_merge_moves_everything_and_one_call_takes_it_back(now):
    account = make.account()
    kept, gone = make.contact(account, external_id="u1"), make.contact(account, external_id="u2")
    did(now, "u1", "a")
    did(now, "u2", "b", "c")

    merged = identities.merge(kept, gone, source="staff", actor=ACTOR, now=now)

    assert whose() == {"a": "u1", "b": "u1", "c": "u1"}
    did(now, "u2", "d")
    assert whose()["d"] == "u1"
    gone.refresh_from_db()
    assert (gone.external_id, gone.departed_on) == ("", now.date())
    assert rollups.differences() == 0

    identities.undo(merged, actor=ACTOR, now=now)

    assert whose() == {"a": "u1", "b": "u2", "c": "u2", "d": "u1"}
    gone.refresh_from_db()
    assert (gone.external_id, gone.departed_on) == ("u2", None)
    did(now, "u2", "e")
    assert whose()["e"] == "u2"
    assert rollups.differences() == 0
    assert list(Event.objects.filter(type="contacts.merged").order_by("id").values_list("payload__undone", flat=True)) == [False, True]


def test_a_merge_that_was_taken_back_or_names_one_person_is_refused(now):
    person, other = make.contact(make.account()), make.contact(make.account())
    merged = identities.merge(person, other, source="staff", actor=ACTOR, now=now)
    identities.undo(merged, actor=ACTOR, now=now)
    for call in (lambda: identities.undo(merged, actor=ACTOR, now=now), lambda: identities.merge(person, person, source="s", actor=ACTOR, now=now)):
        with pytest.raises(Refused):
            call()
    assert identities.merge(person, other, source="staff", actor=ACTOR, now=now).pk != merged.pk


def test_people_who_were_merged_one_after_the_other_come_apart_in_the_opposite_order(now):
    account = make.account()
    one, two, three = (make.contact(account, external_id=key) for key in ("u1", "u2", "u3"))
    did(now, "u3", "c")
    first = identities.merge(two, three, source="staff", actor=ACTOR, now=now)
    second = identities.merge(one, two, source="staff", actor=ACTOR, now=now)
    assert (whose(), identities.known_as(["u2", "u3"])) == ({"c": "u1"}, {"u2": "u1", "u3": "u1"})
    identities.undo(second, actor=ACTOR, now=now)
    assert (whose(), identities.known_as(["u2", "u3"])) == ({"c": "u2"}, {"u3": "u2"})
    identities.undo(first, actor=ACTOR, now=now)
    assert (whose(), identities.known_as(["u2", "u3"])) == ({"c": "u3"}, {})


def test_an_id_of_nobody_becomes_another_name_and_a_lone_person_gets_the_new_one(now):
    account = make.account()
    make.contact(account, external_id="u1")
    lone = make.contact(account, external_id="anon-9")
    assert identities.link([("anon-1", "u1"), ("anon-9", "u9"), ("x", "y"), ("u1", "u1")], source="web", actor=ACTOR, now=now) == {"anon-1", "anon-9"}
    did(now, "anon-1", "a")
    did(now, "anon-9", "b")
    assert whose() == {"a": "u1", "b": "u9"}
    identities.undo(Identity.objects.get(external_id="anon-9"), actor=ACTOR, now=now + timedelta(hours=1))
    assert Contact.objects.get(pk=lone.pk).external_id == "anon-9"
    assert identities.link([("anon-1", "u1")], source="web", actor=ACTOR, now=now) == {"anon-1"}
