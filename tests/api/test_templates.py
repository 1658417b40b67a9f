"""Templates by the API: versions, what is wrong with the words, and how a contact would get them."""

import pytest

from apps.accounts.types import Role
from apps.messaging.models import Message, Template
from tests import make

from .test_permissions import Session

pytestmark = pytest.mark.django_db
WORDS = {"key": "hello", "channel": "email", "subject": "For {{ account.name }}", "body": "Hi {{ contact.first_name }}"}


def test_versions_are_written_listed_and_told_with_their_warnings(api):
    first = api.post("templates/", WORDS)
    assert (first.status_code, first.json()["version"], first.json()["locale"], first.json()["warnings"]) == (201, 1, "en", [])
    assert first.json()["created_by"].startswith("key:")
    second = api.post("templates/", {**WORDS, "body": "Hello", "based_on": 1}).json()
    german = api.post("templates/", {**WORDS, "locale": "de_at"}).json()
    assert (second["version"], german["version"], german["locale"]) == (2, 1, "de-AT")
    assert [(one["field"], one["line"], one["code"], one["error"]) for one in german["warnings"]] == []
    newest = api.get("templates/?newest=true&key=hello").json()["results"]
    assert [(row["locale"], row["version"]) for row in newest] == [("en", 2), ("de-AT", 1)]
    assert [row["version"] for row in api.get("templates/?locale=en&channel=email&newest=false").json()["results"]] == [1]
    assert len(api.get("templates/?key=hello").json()["results"]) == 3
    assert api.get(f"templates/{second['id']}/").json() == second
    again = api.post("templates/", {**WORDS, "body": "Hello"}).json()
    assert (again["id"], Template.objects.count()) == (second["id"], 3)


def test_errors_come_by_field_and_with_their_lines_and_nothing_is_saved(api):
    answer = api.post("templates/", {**WORDS, "body": "Hi\n{{ contact.frist_name }}\n{% if %}", "locale": "de"})
    told = answer.json()
    assert (answer.status_code, told["code"], set(told["fields"])) == (400, "invalid", {"body"})
    assert told["fields"]["body"][0].startswith("Line 3: The template cannot be read")
    assert [(one["field"], one["line"], one["code"]) for one in told["troubles"]] == [("body", 3, "template_error")]
    told = api.post("templates/", {**WORDS, "subject": "{{ nobody }}", "body": "a\n\nhttp://a.test", "examples": {"x": "y"}}).json()
    assert [(one["field"], one["line"]) for one in told["troubles"]] == [("subject", 1), ("body", 3)]
    assert api.post("templates/", {**WORDS, "locale": "nonsense"}).json()["fields"].keys() == {"locale"}
    assert not Template.objects.exists()


def test_a_later_version_refuses_what_was_based_on_an_earlier_one(api):
    for body in ("One", "Two"):
        api.post("templates/", {**WORDS, "body": body})
    answer = api.post("templates/", {**WORDS, "body": "Three", "based_on": 1})
    assert (answer.status_code, answer.json()["code"], Template.objects.count()) == (409, "changed_meanwhile", 2)


def test_a_preview_is_for_a_contact_of_the_own_book_and_sends_nothing(api, now):
    csm = make.user(Role.CSM)
    mine = make.contact(make.account(owner=csm, name="Acme"), name="Sam Lee", phone="+12025550100")
    theirs = make.contact(make.account(owner=make.user()))
    row = api.post("templates/", {**WORDS, "channel": "sms", "body": "{{ contact.name }} {{ news }} ș", "examples": {"news": "N"}}).json()
    seen = api.get(f"templates/{row['id']}/preview/?contact={mine.pk}").json()
    assert (seen["subject"], seen["text"], seen["to"], seen["encoding"], seen["parts"]) == ("For Acme", "Sam Lee N ș", mine.phone, "UCS-2", 1)
    assert seen["assumed"] == ["news"]
    mail = api.post("templates/", WORDS).json()
    seen = api.get(f"templates/{mail['id']}/preview/?contact={mine.pk}").json()
    assert (seen["to"], seen["parts"], seen["html"][:15]) == (mine.email, None, "<!doctype html>")
    assert "/c/unsubscribe/" not in seen["html"] + seen["text"]
    session = Session(csm)
    assert session.get(f"templates/{mail['id']}/preview/?contact={mine.pk}").status_code == 200
    for query in (f"?contact={theirs.pk}", "?contact=x", "", f"?contact={mine.pk}&x=1", "?contact=9999999999999999999999"):
        answer = session.get(f"templates/{mail['id']}/preview/{query}")
        assert (answer.status_code, set(answer.json()["fields"])) == (400, {"contact"})
    Template.objects.filter(pk=mail["id"]).update(body="{{ gone }}")
    assert api.get(f"templates/{mail['id']}/preview/?contact={mine.pk}").json()["fields"].keys() == {"template"}
    assert not Message.objects.exists()


def test_only_administrators_and_keys_that_belong_to_nobody_write(key, now):
    owned = key("templates:write", "templates:read", owner=make.user(Role.CSM))
    for caller in (Session(make.user(Role.CSM)), Session(make.user(Role.TEAM_LEAD)), owned):
        assert caller.post("templates/", WORDS).status_code == 403
    assert not Template.objects.exists()
    from apps.accounts.roles import create_groups

    create_groups()
    assert Session(make.user(Role.ADMINISTRATOR)).post("templates/", WORDS).status_code == 201
