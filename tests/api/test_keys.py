"""Who may call: keys are told once, rotate with an overlap, stop at once when revoked, and are counted."""

import hashlib
import io
import json
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.integrations import services
from apps.integrations.models import ApiKey
from tests import make

from .conftest import Caller, make_key

pytestmark = pytest.mark.django_db
ME = Actor.job("test")


@pytest.fixture(autouse=True)
def at_noon(now):
    with time_machine.travel(now, tick=False):
        yield now


def test_only_the_hash_of_a_key_is_kept(now):
    secret = make_key("sync", "accounts:read", now=now)
    row = ApiKey.objects.get()
    assert secret.startswith(f"csk_{row.prefix}_")
    assert row.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("select k::text from integrations_apikey k union all select e::text from events_event e")
        assert secret.split("_", 2)[2] not in str(cursor.fetchall())
    assert Event.objects.get().payload == {"key": "sync", "change": "made", "scopes": ["accounts:read"]}


@pytest.mark.parametrize("sent", ["", "csk_", "csk_12345678", "csk_12345678_x", "csw_12345678_x", "csk_\x00", "hello", "a b"])
def test_what_is_no_key_is_401_and_told_how_to_come_in(sent):
    answer = Caller(sent).get("accounts/")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized" if sent else "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_key_with_one_letter_changed_opens_nothing(now):
    secret = make_key("sync", "accounts:read", now=now)
    assert Caller(secret).get("accounts/").status_code == 200
    assert Caller(secret[:-1] + ("a" if secret[-1] != "a" else "b")).get("accounts/").status_code == 401


def test_a_rotated_key_works_with_both_secrets_for_a_day(now):
    old = make_key("sync", "accounts:read", now=now)
    new = services.rotate_key(ApiKey.objects.get(), actor=ME, now=now)
    assert [Caller(secret).get("accounts/").status_code for secret in (old, new)] == [200, 200]
    with time_machine.travel(now + timedelta(hours=24), tick=False):
        assert [Caller(secret).get("accounts/").status_code for secret in (old, new)] == [401, 200]


def test_a_revoked_key_and_its_older_secret_stop_at_once(now):
    old = make_key("sync", "accounts:read", now=now)
    new = services.rotate_key(ApiKey.objects.get(), actor=ME, now=now)
    services.revoke_key(ApiKey.objects.get(), actor=ME, now=now)
    assert [Caller(secret).get("accounts/").status_code for secret in (old, new)] == [401, 401]
    with pytest.raises(Refused, match="revoked already"):
        services.revoke_key(ApiKey.objects.get(), actor=ME, now=now)
    with pytest.raises(Refused, match="Make a new key"):
        services.rotate_key(ApiKey.objects.get(), actor=ME, now=now)


def test_a_key_ends_when_it_expires_and_when_its_owner_leaves(now):
    owner = make.user()
    short = make_key("short", "accounts:read", now=now, expires_at=now + timedelta(days=1))
    owned = make_key("owned", "accounts:read", now=now, owner=owner)
    assert [Caller(secret).get("accounts/").status_code for secret in (short, owned)] == [200, 200]
    owner.is_active = False
    owner.save()
    with time_machine.travel(now + timedelta(days=1), tick=False):
        assert [Caller(secret).get("accounts/").status_code for secret in (short, owned)] == [401, 401]


def test_a_key_sees_the_book_of_its_owner_or_everything(now):
    owner = make.user()
    mine, theirs = make.account(owner=owner), make.account(owner=make.user())
    owned, free = Caller(make_key("owned", "accounts:read", now=now, owner=owner)), Caller(make_key("free", "accounts:read", now=now))
    assert [row["id"] for row in owned.get("accounts/").json()["results"]] == [mine.pk]
    assert [row["id"] for row in free.get("accounts/").json()["results"]] == [mine.pk, theirs.pk]


def test_a_key_is_told_which_scope_it_lacks(now):
    answer = Caller(make_key("sync", "activity:write", now=now)).get("accounts/")
    assert (answer.status_code, answer.json()) == (
        403,
        {"code": "missing_scope", "message": "The key sync needs the scope accounts:read."},
    )


def test_the_last_use_is_noted_at_most_once_a_minute(now):
    caller = Caller(make_key("sync", "accounts:read", now=now))
    for seconds in (0, 59, 61):
        with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
            caller.get("accounts/")
        assert ApiKey.objects.get().last_used_at == now + timedelta(seconds=61 if seconds == 61 else 0)


@pytest.mark.django_db(transaction=True)
def test_of_many_calls_at_once_exactly_as_many_pass_as_are_allowed(now):
    secret = make_key("busy", "accounts:read", now=now, requests_per_minute=10)
    answers = []

    def call(number):
        answers.append(Caller(secret).get("accounts/"))
        connection.close()

    make.at_once(call, 24)
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 14
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert (refused.json()["code"], refused["Retry-After"]) == ("too_many_requests", "60")
    passed = [answer for answer in answers if answer.status_code == 200]
    assert sorted(int(answer["RateLimit-Remaining"]) for answer in passed) == list(range(10))
    assert {answer["RateLimit-Limit"] for answer in passed} == {"10"}


def test_without_valkey_a_key_is_still_counted(now, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}}
    caller = Caller(make_key("busy", "accounts:read", now=now, requests_per_minute=3))
    assert [caller.get("accounts/").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_the_command_prints_a_key_once_rotates_and_revokes_it():
    def run(*words):
        out = io.StringIO()
        call_command("api_key", "billing", *words, "--json", stdout=out)
        return json.loads(out.getvalue().splitlines()[-1])

    made = run("--scopes", "accounts:read,revenue:read")
    assert (made["name"], made["scopes"]) == ("billing", ["accounts:read", "revenue:read"])
    assert Caller(made["api_key"]).get("invoices/").status_code == 200
    fresh = run("--rotate")["api_key"]
    assert fresh != made["api_key"]
    assert run("--revoke")["api_key"] is None
    assert Caller(fresh).get("invoices/").status_code == 401


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["x", "--scopes", "accounts:delete"], "no scope 'accounts:delete'"),
        (["x"], "needs --scopes"),
        (["a b", "--scopes", "accounts:read"], "no name for a key"),
        (["x" * 61, "--scopes", "accounts:read"], "longer than 60"),
        (["x", "--scopes", "accounts:read", "--owner", "nobody@staff.test"], "Nobody of the staff"),
        (["x", "--rotate"], "no key x"),
    ],
)
def test_the_command_says_what_is_wrong_with_it(words, reason):
    with pytest.raises(CommandError, match=reason):
        call_command("api_key", *words)
    assert not ApiKey.objects.exists()


def test_an_administrator_makes_rotates_and_revokes_keys_and_sees_each_secret_once(staff):
    browser = staff(make.user(Role.ADMINISTRATOR))
    page = browser.get(reverse("admin:integrations_apikey_add")).content.decode()
    assert "accounts:write: Create and change accounts" in page
    form = {"name": "sync", "scopes": ["accounts:read"], "owner": "", "requests_per_minute": "60", "expires_at_0": "", "expires_at_1": ""}
    told = browser.post(reverse("admin:integrations_apikey_add"), form, follow=True).content.decode()
    secret = next(word for word in told.replace("<", " ").split() if word.startswith("csk_"))
    assert Caller(secret).get("accounts/").status_code == 200
    assert secret not in browser.get(reverse("admin:integrations_apikey_changelist")).content.decode()
    row = ApiKey.objects.get()
    act = lambda name: browser.post(  # noqa: E731
        reverse("admin:integrations_apikey_changelist"), {"action": name, "_selected_action": [row.pk]}, follow=True
    ).content.decode()
    assert "The new secret of sync, shown only now" in act("rotate")
    assert "1 revoked." in act("revoke")
    assert Caller(secret).get("accounts/").status_code == 401


def test_a_success_manager_may_not_see_keys(staff):
    browser = staff(make.user(Role.CSM))
    assert browser.get(reverse("admin:integrations_apikey_changelist")).status_code == 403
