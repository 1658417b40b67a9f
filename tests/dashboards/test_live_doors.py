"""Who may open a socket, what they may hear, and what ends it."""

import asyncio
import json
import time
from pathlib import Path

import pytest
import redis
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.core import signing
from django.db import connections
from django.test import Client

from apps.accounts.models import User
from apps.accounts.types import Role
from apps.dashboards import hub as hubs
from apps.dashboards import live, tickets
from apps.dashboards.hub import hub
from cs_platform.asgi import application
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
HERE = b"http://testserver"


@pytest.fixture(autouse=True)
async def no_line_left_open():
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture(autouse=True)
def empty_counter():
    with redis.Redis.from_url(settings.VALKEY_URL) as client:
        client.delete(*live.keys())


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def socket(session: str = "", *, ticket: str = "", origin: bytes | None = HERE) -> WebsocketCommunicator:
    headers = [(b"cookie", f"theme=dark; sessionid={session}".encode())] if session else []
    headers += [(b"origin", origin)] if origin is not None else []
    return WebsocketCommunicator(application, f"/ws/live/?ticket={ticket}" if ticket else "/ws/live/", headers=headers)


def ticket_of(user: User, session: str) -> str:
    return tickets.issue(tickets.Pass(user.pk, session, tickets.mark(user.get_session_auth_hash())))


async def person(role: Role | None = Role.CSM) -> tuple[User, str]:
    user = await sync_to_async(make.user)(role)
    return user, await sync_to_async(session_of)(user)


async def hears(line: WebsocketCommunicator, *kinds: str) -> dict:
    """The next frame of one of these kinds, or the close."""
    async with asyncio.timeout(30):
        while True:
            said = await line.receive_output(30)
            if said["type"] == "websocket.close":
                return said
            if (frame := json.loads(said["text"]))["type"] in kinds:
                return frame


async def listens(line: WebsocketCommunicator, *topics: str) -> dict:
    await line.send_to(text_data=json.dumps({"topics": topics, "since": ""}))
    return await hears(line, "ready")


async def test_a_stranger_is_told_to_sign_in():
    line = socket()
    assert (await line.connect())[0]
    assert await line.receive_output(30) == {"type": "websocket.close", "code": 4401}


@pytest.mark.parametrize("origin", [b"https://evil.example", b"https://testserver.evil.example", b"null", None])
async def test_another_sites_page_gets_no_socket_and_neither_does_one_that_does_not_say_where_it_is_from(origin):
    user, session = await person()
    line = socket(session, ticket=ticket_of(user, session), origin=origin)
    assert (await line.connect())[0] is False


async def test_staff_hear_that_something_changed_and_nothing_of_what():
    _, session = await person()
    line = socket(session)
    assert (await line.connect())[0]
    await hears(line, "beat")
    await line.send_to(text_data="what a page says besides its topics is ignored")
    await line.send_to(text_data='{"topics": "alert"}')
    await sync_to_async(live.publish)("alert.opened", "account:7")
    heard = await hears(line, "change")
    await line.disconnect()
    epoch = (await sync_to_async(live.position)()).split(":")[0]
    assert heard == {"type": "change", "epoch": epoch, "after": 0, "first": 1, "last": 1, "kinds": ["alert.opened"], "subjects": None}
    assert hub().lines == {}


async def test_a_pages_ticket_opens_the_socket_without_the_database(django_assert_num_queries):
    user, session = await person()
    page = await sync_to_async(lambda: _page(session))()
    ticket = page.split('data-ticket="')[1].split('"')[0]
    assert tickets.read(ticket, session) == tickets.Pass(user.pk, session, tickets.mark(user.get_session_auth_hash()))
    line = socket(session, ticket=ticket)
    with django_assert_num_queries(0):
        assert (await line.connect())[0]
        # Before the first look in the database there is a place in the hub already.
        assert [one.who.user_id for one in hub().lines] == [user.pk]
    assert (await listens(line, "alert"))["refused"] == []
    await line.disconnect()


def _page(session: str) -> str:
    client = Client()
    client.cookies["sessionid"] = session
    return client.get("/board/").content.decode()


async def test_a_ticket_is_worth_nothing_without_its_session_or_when_it_is_old(monkeypatch):
    user, session = await person()
    _, other = await person()
    ticket = ticket_of(user, session)
    assert tickets.read(ticket, session) is not None
    assert tickets.read(ticket, other) is None
    assert tickets.read(ticket, "") is None
    assert tickets.read(ticket[:-1] + ("a" if ticket[-1] != "a" else "b"), session) is None
    assert tickets.read(signing.dumps({"not": "a ticket"}, salt="dashboards.live"), session) is None
    later = time.time() + tickets.LIVES + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert tickets.read(ticket, session) is None


async def test_an_old_ticket_costs_a_look_in_the_database_and_no_more():
    _, session = await person()
    line = socket(session, ticket="old")
    assert (await line.connect())[0]
    assert (await hears(line, "beat"))["type"] == "beat"
    await line.disconnect()


async def test_a_success_manager_cannot_listen_to_an_account_outside_the_book():
    user, session = await person()
    mine = await sync_to_async(lambda: make.account(owner=user))()
    theirs = await sync_to_async(lambda: make.account(owner=make.user(Role.CSM)))()
    line = socket(session, ticket=ticket_of(user, session))
    await line.connect()
    ready = await listens(line, "risk", f"account:{mine.pk}", f"account:{theirs.pk}", "password:1", "account:x", "so what?")
    assert ready["refused"] == sorted([f"account:{theirs.pk}", "password:1", "account:x", "so what?"])
    await sync_to_async(live.publish)("note.written", f"account:{theirs.pk}")
    await sync_to_async(live.publish)("risk.raised", f"account:{theirs.pk}", f"account:{mine.pk}")
    heard = await hears(line, "change")
    await line.disconnect()
    assert (heard["first"], heard["kinds"], heard["subjects"]) == (2, ["risk.raised"], [f"account:{mine.pk}"])


async def test_an_account_that_leaves_the_book_is_heard_no_more_after_the_next_look(monkeypatch):
    user, session = await person()
    account = await sync_to_async(lambda: make.account(owner=user))()
    monkeypatch.setattr(hub(), "check_every", 0.05)
    line = socket(session, ticket=ticket_of(user, session))
    await line.connect()
    assert (await listens(line, f"account:{account.pk}"))["refused"] == []
    await sync_to_async(lambda: type(account).objects.update(owner=None))()
    assert (await hears(line, "ready"))["refused"] == [f"account:{account.pk}"]
    await line.disconnect()


async def test_a_page_that_stays_open_is_given_fresh_tickets(monkeypatch):
    user, session = await person()
    monkeypatch.setattr(hub(), "check_every", 0.05)
    line = socket(session)
    await line.connect()
    fresh = await hears(line, "ticket")
    await line.disconnect()
    assert tickets.read(fresh["ticket"], session).user_id == user.pk


def _signs_out(user: User, session: str) -> None:
    client = Client()
    client.cookies["sessionid"] = session
    assert client.post("/admin/logout/").status_code == 200


def _loses_the_right_in_the_admin(user: User, session: str) -> None:
    admin = Client()
    admin.force_login(make.user(None, is_superuser=True))
    form = {"email": user.email, "full_name": user.full_name, "time_zone": user.time_zone, "is_active": "on", "team": ""}
    answer = admin.post(f"/admin/accounts/user/{user.pk}/change/", form)
    assert answer.status_code == 302, answer.content.decode()
    from apps.core import clock
    from apps.events.services import sweep

    sweep(now=clock.now())


@pytest.mark.parametrize("leaves", [_signs_out, _loses_the_right_in_the_admin])
async def test_the_socket_ends_within_two_seconds_of_signing_out_or_of_losing_the_right(leaves):
    user, session = await person()
    line = socket(session, ticket=ticket_of(user, session))
    await line.connect()
    await listens(line, "alert")
    other, elsewhere = await person()
    stays = socket(elsewhere, ticket=ticket_of(other, elsewhere))
    await stays.connect()
    await listens(stays, "alert")
    began = time.monotonic()
    await sync_to_async(leaves)(user, session)
    done = time.monotonic()
    assert (await hears(line))["code"] == 4401
    assert time.monotonic() - done < 2
    assert time.monotonic() - began < 4
    await sync_to_async(live.publish)("alert.opened", "account:1")
    assert (await hears(stays, "change"))["kinds"] == ["alert.opened"]
    await line.disconnect()
    await stays.disconnect()


@pytest.mark.parametrize("how", ["session deleted", "no longer staff", "inactive", "new password"])
async def test_what_nobody_announced_ends_the_socket_at_the_next_look(monkeypatch, how):
    user, session = await person()
    monkeypatch.setattr(hub(), "check_every", 0.05)
    line = socket(session, ticket=ticket_of(user, session))
    assert (await line.connect())[0]

    def end():
        if how == "session deleted":
            connections["default"].cursor().execute("delete from django_session")
        elif how == "new password":
            user.set_password("another one 1")
            user.save()
        else:
            User.objects.update(**({"is_staff": False} if how == "no longer staff" else {"is_active": False}))

    await sync_to_async(end)()
    assert (await hears(line))["code"] == 4401
    await line.disconnect()


async def test_the_fifty_first_socket_of_a_person_is_closed_with_its_code():
    user, session = await person()
    ticket = ticket_of(user, session)
    lines = [socket(session, ticket=ticket) for _ in range(51)]
    for line in lines:
        assert (await line.connect())[0]
    assert (await hears(lines[-1]))["code"] == 4429
    other, elsewhere = await person()
    another = socket(elsewhere, ticket=ticket_of(other, elsewhere))
    await another.connect()
    assert (await listens(another, "alert"))["refused"] == []
    assert len(hub().lines) == 51
    await lines[0].disconnect()
    again = socket(session, ticket=ticket)
    await again.connect()
    assert len(hub().lines) == 51
    for line in (*lines, another, again):
        await line.disconnect()


async def test_a_page_that_says_too_much_or_too_long_things_is_ended_politely():
    user, session = await person()
    for words, code in (([b"x" * 5_000_000], 1009), (["hello"] * 100, 1008)):
        line = socket(session, ticket=ticket_of(user, session))
        await line.connect()
        for word in words:
            await line.send_to(text_data=word if isinstance(word, str) else word.decode())
        assert (await hears(line))["code"] == code
        await line.disconnect()
    assert hubs.sockets() == 0


def test_no_consumer_of_staff_joins_a_group():
    """A group per socket costs eighty times the hub, and forgets its members after a day."""
    places = [path for name in ("apps", "cs_platform") for path in Path(name).rglob("*.py") if "group_add" in path.read_text()]
    assert sorted(map(str, places)) == ["apps/dashboards/link.py", "apps/messaging/consumers.py", "apps/milestones/consumers.py"]
