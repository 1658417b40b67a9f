"""A customer's own path: one page and one JSON by a signed link, in their language, of nobody else's account."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client

from apps.core import clock
from apps.messaging import selectors as messaging
from apps.milestones import consumers, handlers, live, tokens
from apps.milestones.models import Progress
from cs_platform import wiring
from cs_platform.settings import env
from tests import make

from .written import milestone, progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam(now):
    """First is reached, second is their next, third opens after it, fourth is for staff only."""
    account = make.account(name="Riverside Dental")
    first, second = milestone("first"), milestone("second", needs=())
    hidden = milestone("hidden", visible=False)
    milestone("third", needs=(second,))
    milestone("others", audience={"tier": ["gold"]})
    progress(account, first, achieved_at=now - timedelta(days=3))
    progress(account, second, have=2.0)
    progress(account, hidden)
    return make.contact(account, name="Sam Reed")


def told(client, contact, language="en", query=""):
    return client.get(f"/c/path/{tokens.path_token(contact, now=clock.now())}{query}", headers={"Accept-Language": language})


def test_the_page_shows_what_is_reached_what_is_next_and_what_opens_later(client, sam):
    answer = told(client, sam)
    words = answer.content.decode()
    assert (answer.status_code, answer.cookies, answer["Content-Language"]) == (200, {}, "en")
    assert "The path of Riverside Dental" in words
    assert "1 of 3 milestones reached" in words
    assert "Reached on 8 March 2026" in words
    assert "<small>Next</small> The second" in words
    assert "2 of 5" in words
    assert "Hint for the second" in words
    assert "Opens after: The second" in words
    assert "The hidden" not in words
    # Of others' paths nothing is told.
    assert "The others" not in words


def test_it_speaks_the_language_of_its_reader(client, sam):
    german = told(client, sam, "de-AT,de;q=0.9")
    assert german["Content-Language"] == "de"
    words = german.content.decode()
    assert '<html lang="de">' in words
    assert "Der Weg von Riverside Dental" in words
    assert "1 von 3 Meilensteinen erreicht" in words
    assert "Erreicht am 8. März 2026" in words
    assert "<small>Als Nächstes</small> Das second" in words
    # What the embedding page asks for goes before what the browser asks for; the person's own before the browser's.
    assert told(client, sam, "de", "?lang=en")["Content-Language"] == "en"
    sam.locale = "fr"
    sam.save()
    french = told(client, sam, "de").content.decode()
    assert "Le parcours de Riverside Dental" in french
    # A milestone that has no French words says its English ones.
    assert "The second" in french


def test_looking_changes_nothing_and_the_policy_is_strict(client, sam):
    before = list(Progress.objects.values())
    answer = told(client, sam)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert (answer["Referrer-Policy"], answer["Cache-Control"].split(",")[0]) == ("no-referrer", "max-age=0")
    assert list(Progress.objects.values()) == before


def test_only_origins_that_are_set_may_frame_it(client, sam, settings):
    settings.PATH_FRAME_ORIGINS = ["https://app.example.com"]
    answer = told(client, sam)
    assert "frame-ancestors https://app.example.com;" in answer["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in answer


@pytest.mark.parametrize("word", ["app.example.com", "https://*.example.com", "https://a.test/x", "https://a.test;script-src", "'self'"])
def test_an_origin_that_is_none_stops_the_start(monkeypatch, word):
    monkeypatch.setenv("PATH_FRAME_ORIGINS", word)
    with pytest.raises(env.Misconfigured, match="set it to origins"):
        env.origins("PATH_FRAME_ORIGINS")


def test_a_link_that_is_forged_too_old_or_of_somebody_who_left_opens_nothing(client, sam):
    good, now = tokens.path_token(sam, now=clock.now()), clock.now()
    old = tokens.path_token(sam, now=now - tokens.LIFE - timedelta(seconds=5))
    for bad in ("x", f"{sam.pk}", good[:-2], f"{good}x", old, messaging.preferences_token(sam.pk)):
        assert client.get(f"/c/path/{bad}").status_code == 404, bad
        assert client.get(f"/api/v1/path/?token={bad}").status_code == 403, bad
    sam.departed_on = clock.now().date()
    sam.save()
    assert client.get(f"/c/path/{good}").status_code == 404
    assert client.get(f"/api/v1/path/?token={good}").status_code == 403


def test_nothing_of_another_account_is_in_any_byte(client, sam, now):
    other = make.account(name="Northgate Ltd", tier="gold")
    secret = milestone("secret", audience={"tier": ["gold"]})
    progress(other, secret, achieved_at=now, proof="Their numbers")
    for answer in (told(client, sam), client.get(f"/api/v1/path/?token={messaging.inbox_token(sam)}")):
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "Northgate" not in text
        assert "secret" not in text
        assert "numbers" not in text


def test_the_json_says_the_same_by_both_tokens_and_to_any_origin(client, sam):
    by_path = client.get(f"/api/v1/path/?token={tokens.path_token(sam, now=clock.now())}&lang=de")
    by_inbox = client.get(f"/api/v1/path/?token={messaging.inbox_token(sam)}&lang=de")
    assert by_path.json() == by_inbox.json()
    assert by_path["Access-Control-Allow-Origin"] == "*"
    said = by_path.json()
    assert {name: said[name] for name in ("language", "title", "told", "share")} == {
        "language": "de",
        "title": "Der Weg von Riverside Dental",
        "told": "1 von 3 Meilensteinen erreicht",
        "share": 33,
    }
    assert said["next"] == {
        "key": "second",
        "state": "open",
        "name": "Das second",
        "text": "Tun Sie das second.",
        "hint": "Hinweis zum second",
        "told": "2 von 5",
        "share": 40,
    }
    assert [one["key"] for one in said["reached"] + said["later"]] == ["first", "third"]


def test_what_was_offered_last_is_next_and_what_is_retired_is_told_only_where_it_was_reached(client, sam, now):
    offered, retired, given = milestone("offered"), milestone("retired", state="retired"), milestone("given", state="retired")
    progress(sam.account, offered, offered_at=now)
    progress(sam.account, retired)
    progress(sam.account, given, achieved_at=now)
    said = client.get(f"/api/v1/path/?token={messaging.inbox_token(sam)}").json()
    assert (said["next"]["key"], [one["key"] for one in said["open"]]) == ("offered", ["second"])
    assert [one["key"] for one in said["reached"]] == ["given", "first"]


def test_the_variant_has_its_own_hint(client, sam):
    easy = [{"key": "gentle", "factor": 0.7, "hint": {"en": "Three will do", "de": "Drei genügen"}}, {"key": "standard", "factor": 1.0}]
    row = progress(sam.account, milestone("easy", variants=easy), variant="gentle", offered_at=clock.now(), target=3.5)
    said = client.get(f"/api/v1/path/?token={messaging.inbox_token(sam)}").json()["next"]
    assert (said["key"], said["hint"], said["told"]) == (row.milestone.key, "Three will do", "0 of 3.5")


def test_names_from_outside_stay_text(client, sam):
    account = sam.account
    account.name = "<script>alert(1)</script>"
    account.save()
    words = told(client, sam).content.decode()
    assert "<script>alert" not in words
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in words


def test_several_conditions_are_told_as_their_share(client, sam):
    several = {"all": [{"count": "report_shared", "at_least": 5}, {"trait": "sso", "is": True}]}
    progress(sam.account, milestone("several", criteria=several), have=62.5, target=100.0, offered_at=clock.now())
    manual = progress(sam.account, milestone("manual", criteria={"manual": {"proof": "A minute of the talk"}}), target=1.0)
    said = client.get(f"/api/v1/path/?token={messaging.inbox_token(sam)}").json()
    assert (said["next"]["told"], said["next"]["share"]) == ("62\u00a0%", 62)
    assert [one["told"] for one in said["open"] if one["key"] == manual.milestone.key] == ["Not yet"]


def test_an_empty_path_says_so(client):
    words = told(client, make.contact(make.account())).content.decode()
    assert "Nothing stands on your path yet." in words


def test_a_server_gets_the_link_of_a_person_of_its_own_book(client, sam):
    client.force_login(make.user(None, is_superuser=True))
    found = client.post("/api/v1/path-tokens/", {"contact": sam.pk}, content_type="application/json")
    assert found.status_code == 200, found.content
    assert Client().get(found.json()["url"].removeprefix("http://127.0.0.1:8000")).status_code in (200, 404)
    assert Client().get(f"/c/path/{found.json()['token']}").status_code == 200
    client.force_login(make.user())
    refused = client.post("/api/v1/path-tokens/", {"contact": sam.pk}, content_type="application/json")
    assert refused.json()["fields"] == {"contact": ["There is no such contact in your book."]}


def test_every_event_that_moves_a_path_tells_its_open_pages():
    told = {event.type for event, reacting in wiring.WIRING.items() if handlers.tell_customers in reacting}
    assert {"milestone.achieved", "milestone.taken_back", "milestone.offered", "reward.granted", "reward.redeemed"} <= told


@pytest.mark.django_db(transaction=True)
async def test_an_open_page_hears_of_its_own_account_only():
    account = await sync_to_async(make.account)()
    sam = await sync_to_async(make.contact)(account)
    token = tokens.path_token(sam, now=clock.now())
    line = WebsocketCommunicator(consumers.PathConsumer.as_asgi(), f"/ws/path/?token={token}")
    connected, _ = await line.connect()
    assert connected
    await sync_to_async(live.hint, thread_sensitive=False)(account.pk + 1, "milestone.achieved")
    await sync_to_async(live.hint, thread_sensitive=False)(account.pk, "milestone.achieved")
    assert await line.receive_json_from(timeout=30) == {"kind": "milestone.achieved"}
    assert await line.receive_nothing()
    await line.disconnect()


async def test_the_socket_stays_shut_without_a_valid_token():
    line = WebsocketCommunicator(consumers.PathConsumer.as_asgi(), "/ws/path/?token=forged")
    connected, code = await line.connect()
    assert (connected, code) == (False, 4403)
