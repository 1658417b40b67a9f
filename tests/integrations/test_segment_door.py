"""The wire contract that Segment's and RudderStack's SDKs rely on."""

import json
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Account, ActivityEvent, Contact, DailyRollup
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.integrations import services, views
from apps.integrations.models import Rejection, Source
from apps.integrations.selectors import waiting_rejections
from tests import make

from .conftest import basic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def track(number: int = 1, **fields) -> dict:
    return {"type": "track", "messageId": f"m{number}", "userId": "u1", "event": "Report Exported", "timestamp": "2026-03-11T11:00:00Z", **fields}


@pytest.fixture
def sam():
    return make.contact(make.account(external_id="acme"), external_id="u1")


def test_a_batch_is_stored_and_answered_with_exactly_200_and_json(send, sam):
    answer = send([track(1), track(2, properties={"value": 2.5, "page": "start"})])

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == {"success": True, "accepted": 2, "duplicate": 0, "rejected": []}
    assert list(DailyRollup.objects.values_list("account__external_id", "name", "count", "value")) == [("acme", "Report Exported", 2, 3.5)]
    second = ActivityEvent.objects.get(message_id="m2")
    assert (second.source, second.contact, second.at, second.properties) == (
        "web-app",
        sam,
        datetime(2026, 3, 11, 11, tzinfo=UTC),
        {"value": 2.5, "page": "start"},
    )


def test_a_resent_batch_stores_nothing_twice(send, sam):
    send([track(1), track(2)])
    answer = send([track(1), track(2), track(2), track(3)])
    assert answer.json() == {"success": True, "accepted": 1, "duplicate": 3, "rejected": []}
    assert DailyRollup.objects.get().count == 3


def test_gzip_plain_text_and_the_key_in_the_body_are_understood(send, sam, key):
    assert send([track(1)], zipped=True).json()["accepted"] == 1
    assert send([track(2)], type="text/plain").json()["accepted"] == 1
    assert send({"batch": [track(3)], "writeKey": key}, sign=False).json()["accepted"] == 1
    assert send({"batch": [track(4)], "writeKey": "csw_wrong"}).json()["accepted"] == 1


@pytest.mark.parametrize("path", ["/v1/batch/", "/v1/b"])
def test_other_spellings_of_the_path_are_the_same_door(send, sam, path):
    assert send([track(1)], path=path).json()["accepted"] == 1


def test_single_messages_have_doors_of_their_own(send, sam, key):
    message = {
        "userId": "u1",
        "messageId": "s1",
        "event": "Login",
        "timestamp": "2026-03-11T11:00:00Z",
        "writeKey": key,
        "sentAt": "2026-03-11T12:00:00Z",
    }
    assert send(message, path="/v1/track", sign=False).json() == {"success": True, "accepted": 1, "duplicate": 0, "rejected": []}
    assert send({"userId": "u1", "messageId": "s2", "name": "Pricing"}, path="/v1/p").json()["accepted"] == 1
    assert list(ActivityEvent.objects.order_by("id").values_list("name", "properties")) == [("Login", None), ("Viewed page", {"name": "Pricing"})]
    send({**message, "messageId": "s3", "event": ""}, path="/v1/track")
    assert "writeKey" not in Rejection.objects.get().raw


def test_identify_group_page_and_screen_become_people_accounts_and_activity(send):
    answer = send(
        [
            {
                "type": "group",
                "messageId": "g",
                "userId": "u1",
                "groupId": "acme",
                "traits": {"name": "Acme", "plan": "pro", "size": 40, "website": "acme.test"},
            },
            {
                "type": "identify",
                "messageId": "i",
                "userId": "u1",
                "traits": {"email": "a@x.test", "firstName": "Ada", "lastName": "Lovelace", "role": "cto"},
            },
            {"type": "page", "messageId": "p", "userId": "u1", "name": "Start", "category": "Docs"},
            {"type": "screen", "messageId": "s", "userId": "u1", "name": "Home", "properties": {"quantity": 3}},
        ]
    )

    assert answer.json() == {"success": True, "accepted": 4, "duplicate": 0, "rejected": []}
    account = Account.objects.get()
    assert (account.external_id, account.name, account.plan, account.domain, account.traits) == ("acme", "Acme", "pro", "acme.test", {"size": 40})
    person = Contact.objects.get()
    assert (person.account, person.external_id, person.name, person.email, person.traits) == (
        account,
        "u1",
        "Ada Lovelace",
        "a@x.test",
        {"role": "cto"},
    )
    assert list(ActivityEvent.objects.order_by("id").values_list("name", "value", "contact")) == [
        ("Viewed page", 1.0, person.pk),
        ("Viewed screen", 3.0, person.pk),
    ]


def test_rudder_sends_traits_inside_the_context(send, sam):
    send([{"type": "identify", "messageId": "i", "userId": "u1", "context": {"traits": {"plan": "pro", "name": "Sam Small"}}, "channel": "server"}])
    sam.refresh_from_db()
    assert (sam.name, sam.traits) == ("Sam Small", {"plan": "pro"})


def test_later_traits_win_and_others_stay(send, sam):
    send([{"type": "identify", "userId": "u1", "traits": {"a": 1, "b": 1}}, {"type": "identify", "userId": "u1", "traits": {"b": 2}}])
    send([{"type": "group", "groupId": "acme", "traits": {"seats": 4}}, {"type": "group", "groupId": "acme", "traits": {"name": "Acme Inc"}}])
    sam.refresh_from_db()
    assert sam.traits == {"a": 1, "b": 2}
    assert (sam.account.name, sam.account.traits) == ("Acme Inc", {"seats": 4})


def test_a_group_takes_effect_before_the_tracks_of_its_batch(send):
    answer = send([{"type": "identify", "userId": "u1", "traits": {}}, track(1), {"type": "group", "userId": "u1", "groupId": "acme"}, track(2)])
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (4, [])
    assert DailyRollup.objects.get().count == 2


def test_what_came_before_the_group_call_is_stored_when_the_account_is_known(send):
    first = send([{"type": "identify", "messageId": "i", "userId": "u1", "traits": {"email": "a@x.test"}}, track(1)])
    reason = "The account of 'u1' is not known yet. It is stored as soon as a group, identify or alias tells it."
    assert first.json()["rejected"] == [
        {"index": place, "messageId": message, "field": "userId", "reason": reason} for place, message in ((0, "i"), (1, "m1"))
    ]
    assert (Rejection.objects.count(), ActivityEvent.objects.count()) == (2, 0)

    send([{"type": "group", "messageId": "g", "userId": "u1", "groupId": "acme"}])

    assert Contact.objects.get().email == "a@x.test"
    assert ActivityEvent.objects.get().account.external_id == "acme"
    assert waiting_rejections() == 0


@pytest.mark.parametrize(
    "where",
    [
        {"context": {"groupId": "other"}},
        {"properties": {"account_id": "other"}},
        {"properties": {"accountId": "other"}, "userId": None, "anonymousId": "x"},
    ],
)
def test_a_message_may_name_the_account_itself(send, sam, where):
    make.account(external_id="other")
    send([track(1, **where)])
    assert ActivityEvent.objects.get().account.external_id == "other"


def test_alias_gives_a_person_the_new_id(send, sam):
    assert send([{"type": "alias", "previousId": "u1", "userId": "u9"}, track(1, userId="u9")]).json()["accepted"] == 2
    sam.refresh_from_db()
    assert sam.external_id == "u9"
    make.contact(sam.account, external_id="known")
    send([{"type": "alias", "previousId": "u9", "userId": "known"}])
    sam.refresh_from_db()
    assert sam.external_id == ""
    assert set(ActivityEvent.objects.values_list("contact__external_id", flat=True)) == {"known"}


def test_a_message_without_an_id_counts_once_however_often_it_is_sent(send, sam):
    message = track(1)
    del message["messageId"]
    send([message])
    assert send([message]).json()["duplicate"] == 1


def test_a_wrong_client_clock_is_corrected_by_the_time_of_sending(send, sam):
    send({"batch": [track(1, timestamp="2026-03-09T10:30:00+00:00")], "sentAt": "2026-03-09T11:00:00.000Z"})
    assert ActivityEvent.objects.get().at == datetime(2026, 3, 11, 11, 30, tzinfo=UTC)


def test_a_message_without_a_time_happened_now(send, sam, at_noon):
    send([{**track(1), "timestamp": None}])
    assert ActivityEvent.objects.get().at == at_noon


FLAWS = [
    ({"type": "dance"}, "type", "'dance' is none of track, identify, group, page, screen, alias."),
    ({"event": None}, "event", "It is missing."),
    ({"event": " "}, "event", "It is missing."),
    ({"event": "x" * 161}, "event", "It is longer than 160 characters."),
    ({"event": 5}, "event", "Expected `str | null`, got `int`."),
    ({"userId": None}, "userId", "Nobody is named: send userId or anonymousId, or the account in context.groupId or properties.account_id."),
    ({"userId": "x" * 121}, "userId", "It is longer than 120 characters."),
    ({"userId": {"a": 1}}, "userId", "Expected `int | str | null`, got `object`."),
    ({"messageId": "x" * 101}, "messageId", "It is longer than 100 characters."),
    ({"timestamp": "yesterday"}, "timestamp", "'yesterday' is no ISO 8601 time."),
    ({"timestamp": "2026-03-13T12:00:01Z"}, "timestamp", "The time lies more than 24 hours ahead."),
    ({"timestamp": "9999-12-31T23:59:59-14:00"}, "timestamp", "'9999-12-31T23:59:59-14:00' is no ISO 8601 time."),
    ({"timestamp": "1960-01-01T00:00:00Z"}, "timestamp", "The time lies before 1970."),
    ({"properties": {"a": "x\0y"}}, "properties.a", "The text holds a NUL character."),
    ({"properties": {"a\0": 1}}, "properties", "A key holds a NUL character."),
    ({"properties": {"a": "x" * 33_000}}, "", "The message is larger than 32 kB."),
    ({"properties": [1]}, "properties", "Expected `object | null`, got `array`."),
    ({"properties": {"account_id": True}}, "properties.account_id", "It must be text."),
    ({"type": "identify", "traits": {"email": "not an address"}}, "traits.email", "'not an address' is no email address."),
    ({"type": "group"}, "groupId", "It is missing."),
    ({"type": "alias"}, "previousId", "It is missing."),
    (
        {"context": {"groupId": "unknown"}},
        "groupId",
        "No account has the id 'unknown'. Send a group call for it or import the accounts, then replay.",
    ),
]


@pytest.mark.parametrize(("change", "field", "reason"), FLAWS, ids=lambda value: str(value)[:40])
def test_a_bad_message_is_kept_with_field_and_reason_and_stops_nothing(send, sam, change, field, reason):
    bad = track(2, **change)
    answer = send([track(1), bad, track(3)])

    assert answer.status_code == 200
    assert (answer.json()["accepted"], answer.json()["duplicate"]) == (2, 0)
    assert answer.json()["rejected"] == [{"index": 1, "messageId": answer.json()["rejected"][0]["messageId"], "field": field, "reason": reason}]
    kept = Rejection.objects.get()
    assert (kept.field, kept.reason, kept.source.name, kept.replayed_at) == (field, reason, "web-app", None)
    assert ActivityEvent.objects.count() == 2


def test_nesting_beyond_32_is_refused_and_32_is_stored(send, sam):
    deep: object = 1
    for _ in range(30):
        deep = {"a": deep}
    answer = send([track(1, properties=deep), track(2, properties={"a": {"b": deep}}), track(3, properties={"list": [{"x": 1}] * 50})])
    assert [(bad["index"], bad["reason"]) for bad in answer.json()["rejected"]] == [(1, "The message is nested more than 32 deep.")]
    assert answer.json()["accepted"] == 2


def test_what_a_batch_could_not_place_is_kept_in_its_order_each_with_its_own_words(send):
    send([track(5, event=""), track(4, messageId="%(source)s", userId="o'hara \\ 100%"), track(1, event=[])])
    rows = Rejection.objects.order_by("pk")
    assert [(row.message_id, row.field, row.waits_for) for row in rows] == [
        ("m5", "event", ""),
        ("%(source)s", "userId", "o'hara \\ 100%"),
        (rows[2].message_id, "event", ""),
    ]
    assert [row.raw["event"] for row in rows] == ["", track(4)["event"], []]


def test_a_bad_message_sent_again_is_listed_once(send, sam):
    for _ in range(3):
        send([track(1, event="")])
    assert Rejection.objects.count() == 1


def test_a_replay_stores_the_message_at_its_own_time_once_the_reason_is_mended(send, at_noon):
    message = track(1, context={"groupId": "late"}, timestamp="2026-03-09T10:30:00+00:00")
    send({"batch": [message], "sentAt": "2026-03-09T11:00:00Z"})
    rejection = Rejection.objects.get()
    still = services.replay([rejection], actor=Actor.job("test"), now=at_noon)
    assert (still.accepted, len(still.refused), waiting_rejections()) == (0, 1, 1)

    make.account(external_id="late")
    mended = services.replay([rejection], actor=Actor.job("test"), now=at_noon + timedelta(days=3))

    assert (mended.accepted, mended.refused, waiting_rejections()) == (1, [], 0)
    event = ActivityEvent.objects.get()
    assert (event.at, event.message_id) == (datetime(2026, 3, 11, 11, 30, tzinfo=UTC), "m1")
    with pytest.raises(Refused, match="replayed already"):
        services.replay([rejection], actor=Actor.job("test"), now=at_noon)
    assert ActivityEvent.objects.count() == 1


def test_the_number_of_statements_does_not_grow_with_the_batch(send, django_assert_max_num_queries):
    def batch(size: int, start: int) -> list[dict]:
        people = [{"type": "group", "userId": f"u{n}", "groupId": f"g{n % 7}", "messageId": f"g{start + n}"} for n in range(size)]
        bad = [{"type": "track", "messageId": f"b{start + n}"} for n in range(size)]
        return [*people, *(track(start + n, userId=f"u{n}") for n in range(size)), *bad]

    send(batch(1, 0))
    with CaptureQueriesContext(connection) as small:
        send(batch(2, 1_000))
    with CaptureQueriesContext(connection) as large:
        send(batch(400, 10_000))
    assert len(small) == len(large)


@pytest.mark.django_db(transaction=True)
def test_a_batch_of_activity_is_one_statement_and_nothing_around_it(send, sam):
    send([track(0)])
    with CaptureQueriesContext(connection) as queries:
        answer = send([track(number, event=f"name {number}") for number in range(1, 101)])
    assert (answer.json()["accepted"], len(queries)) == (100, 1)
    assert (ActivityEvent.objects.count(), Event.objects.filter(type="activity.received").count()) == (101, 2)


@pytest.mark.django_db(transaction=True)
def test_a_batch_whose_rejects_could_not_be_kept_is_not_acknowledged_and_comes_again(send, sam):
    batch = [track(1), track(2, userId="stranger")]
    with connection.cursor() as cursor:
        cursor.execute("alter table integrations_rejection add constraint no_room check (false)")
    try:
        assert send(batch).status_code == 503
    finally:
        with connection.cursor() as cursor:
            cursor.execute("alter table integrations_rejection drop constraint no_room")
    answer = send(batch).json()
    assert (answer["accepted"], answer["duplicate"], [refused["index"] for refused in answer["rejected"]]) == (0, 1, [1])
    assert (ActivityEvent.objects.count(), Rejection.objects.count()) == (1, 1)


@pytest.mark.parametrize("header", [None, "Basic !!!", "Basic " + "/w==", "Bearer abc", basic("csw_wrong"), basic("")])
def test_a_wrong_key_is_401_with_code_and_message_and_nothing_changes(client, sam, header):
    answer = client.post(
        "/v1/batch", json.dumps({"batch": [track()]}), content_type="application/json", headers={"Authorization": header} if header else {}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.json()["message"]
    assert not ActivityEvent.objects.exists()


def test_a_closed_source_is_turned_away_until_it_is_opened(send, sam, source):
    services.set_open(source, is_open=False)
    assert (send([track()]).status_code, send([track()]).json()["code"]) == (401, "source_closed")
    services.set_open(source, is_open=True)
    assert send([track()]).status_code == 200


def test_a_renewed_key_replaces_the_old_one(send, sam, source):
    fresh = services.renew_key(source)
    assert send([track()]).status_code == 401
    assert send([track()], Authorization=basic(fresh)).status_code == 200


def test_too_many_requests_are_asked_to_come_back(send, sam, source, at_noon):
    Source.objects.update(requests_per_minute=2)
    assert [send([track()]).status_code for _ in range(3)] == [200, 200, 429]
    answer = send([track()])
    assert (answer.json()["code"], answer["Retry-After"]) == ("too_many_requests", "60")


def test_processes_take_their_requests_by_the_handful_and_none_twice(source, at_noon):
    source.requests_per_minute = 200
    assert [views._requests_this_minute(source, at_noon) for _ in range(3)] == [1, 2, 3]
    # Another process knows nothing of the handful that this one holds.
    views._here.clear()
    assert [views._requests_this_minute(source, at_noon) for _ in range(3)] == [5, 6, 7]


def test_browsers_may_send_from_any_site(client):
    answer = client.options("/v1/batch")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, "*")
    assert {"authorization", "x-retry-count"} <= set(answer["Access-Control-Allow-Headers"].split(", "))


def test_use_of_a_key_is_noted_at_most_once_a_minute(send, sam, source, at_noon):
    send([track(1)])
    source.refresh_from_db()
    assert source.last_used_at == at_noon
    with CaptureQueriesContext(connection) as queries:
        send([track(2)])
    assert not [query for query in queries if "UPDATE" in query["sql"] and "integrations_source" in query["sql"]]


def test_a_write_key_is_printed_once_and_only_its_hash_is_kept(db):
    out = StringIO()
    call_command("write_key", "mobile", "--json", stdout=out)
    made = json.loads(out.getvalue().splitlines()[-1])
    source = Source.objects.get(name="mobile")
    assert made["write_key"].startswith("csw_")
    assert source.key_hash == services.key_hash(made["write_key"])
    assert source.key_start == made["write_key"][:10]
    with pytest.raises(CommandError, match="There is a source mobile already."):
        call_command("write_key", "mobile")
    with pytest.raises(CommandError, match="is no name for a source"):
        call_command("write_key", "two words")
    call_command("write_key", "second", stdout=out)
    assert "Write key of second, shown only now:\ncsw_" in out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_eight_threads_that_post_the_same_batch_store_each_message_once(key):
    make.contact(make.account(external_id="acme"), external_id="u1")
    people = [{"type": "group", "messageId": f"g{n}", "userId": f"v{n}", "groupId": f"n{n % 5}"} for n in range(20)]
    tracks = [track(n, userId=("u1", f"v{n % 20}")[n % 2]) for n in range(200)]
    body = json.dumps({"batch": [*people, *tracks]})
    answers = []

    def post() -> None:
        answers.append(Client().post("/v1/batch", body, content_type="application/json", headers={"Authorization": basic(key)}))
        connections.close_all()

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [200] * 8
    assert sum(answer.json()["accepted"] - 20 for answer in answers) == 200
    assert sum(answer.json()["duplicate"] for answer in answers) == 7 * 200
    assert ActivityEvent.objects.count() == 200
    assert sum(DailyRollup.objects.values_list("count", flat=True)) == 200
    assert (Account.objects.count(), Contact.objects.count(), Rejection.objects.count()) == (6, 21, 0)


def test_a_visitor_waits_for_a_name_and_is_attributed_when_identify_tells_it(send, at_noon):
    make.account(external_id="acme")
    first = send([{"type": "page", "anonymousId": "anon", "name": "Pricing", "messageId": "p1"}]).json()
    assert (first["accepted"], [item["index"] for item in first["rejected"]]) == (0, [0])
    assert Rejection.objects.get().waits_for == "anon"

    told = send([{"type": "identify", "anonymousId": "anon", "userId": "u1", "messageId": "i1", "traits": {"company": {"id": "acme"}}}]).json()

    assert (told["accepted"], told["rejected"]) == (1, [])
    assert list(ActivityEvent.objects.values_list("message_id", "contact__external_id", "account__external_id")) == [("p1", "u1", "acme")]
    send([{"type": "track", "event": "Back", "anonymousId": "anon", "messageId": "t1"}])
    assert ActivityEvent.objects.get(message_id="t1").contact.external_id == "u1"
    assert not Rejection.objects.filter(replayed_at=None).exists()


def test_alias_in_either_order_names_one_person(send, at_noon):
    account = make.account(external_id="acme")
    make.contact(account, external_id="u1")
    send([{"type": "track", "event": "Before", "userId": "old", "messageId": "t1"}])
    assert send({"previousId": "old", "userId": "u1", "messageId": "a1"}, "/v1/alias").json()["accepted"] == 1
    assert send({"previousId": "older", "userId": "u7", "messageId": "a2"}, "/v1/alias").json()["rejected"][0]["messageId"] == "a2"
    send([{"type": "track", "event": "Long before", "userId": "older", "messageId": "t2"}])
    send({"userId": "u7", "groupId": "acme", "messageId": "g1"}, "/v1/group")
    assert dict(ActivityEvent.objects.values_list("message_id", "contact__external_id")) == {"t1": "u1", "t2": "u7"}
    assert not Rejection.objects.filter(replayed_at=None).exists()
