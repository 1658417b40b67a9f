"""The pages of words: what there is and what is missing, tried on a real person of one's own book, saved by those who may."""

import re
from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from apps.accounts.roles import create_groups
from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.messaging import services as messaging
from apps.messaging.models import Message, Template
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
BODY = "Hi {{ contact.first_name }}\n\n- one\n- two https://a.test/x"


@pytest.fixture
def boss(client):
    create_groups()
    user = make.user(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def write(now, **given) -> Template:
    fields = {"key": "hello", "channel": "email", "locale": "en", "subject": "For {{ account.name }}", "body": BODY, "actor": ACTOR, "now": now}
    return messaging.write_template(**{**fields, **given})


def words(answer) -> str:
    return " ".join(strip_tags(answer.content.decode().replace("<", " <")).split())


def typed(**given) -> dict[str, str]:
    fields = {"channel": "email", "locale": "en", "subject": "For {{ account.name }}", "body": BODY, "topic": "success", "seen": "0"}
    return {**fields, **given}


def test_the_list_tells_languages_versions_who_changed_it_and_what_is_missing(client, boss, now):
    write(now - timedelta(hours=2))
    write(now - timedelta(hours=1), locale="de", channel="sms", body="Hallo")
    write(now, subject="Newer", actor=Actor.user(boss))
    for locale in ("de", "pt-BR", "pt"):
        make.contact(make.account(), locale=locale, phone="+12025550100")
    told = words(client.get("/templates/"))
    assert "hello Newer Email en v2 SMS de v1" in told
    assert f"by {boss}" in told
    assert "pt 2 people email, SMS" in told
    assert re.search(r"de 1 person email\b", told)
    assert re.search(r" 1 template( |$)", told)
    assert "Show all" in words(client.get("/templates/?q=nothing"))
    for asked in ("newer", "HELLO"):
        assert re.search(r" 1 template( |$)", words(client.get(f"/templates/?q={asked}")))


def test_a_draft_is_seen_in_html_and_text_by_a_person_of_the_own_book_and_nothing_is_sent(client, boss, now):
    write(now)
    sam = make.contact(make.account(name="Acme & Sons", owner=boss), name="Sam <b>Lee</b>", locale="de")
    page = client.get("/templates/hello/").content.decode()
    assert 'srcdoc="&lt;!doctype html&gt;' in page
    assert "Sam &amp;lt;b&amp;gt;" not in page
    assert "No more of these emails" not in page
    assert "Keine dieser E-Mails mehr" in page
    answer = client.post("/templates/hello/look/", typed(body="Dear {{ contact.name }}", contact=str(sam.pk)))
    told = answer.content.decode()
    assert answer.status_code == 200
    assert "Dear Sam &amp;lt;b&amp;gt;Lee&amp;lt;/b&amp;gt;" in told
    assert "Dear Sam &lt;b&gt;Lee&lt;/b&gt;" in told
    assert "For Acme &amp; Sons" in told
    assert "/c/unsubscribe/" not in told
    assert "nothing to mend" in told
    assert Template.objects.count() == 1
    assert not Message.objects.exists()


def test_a_text_shows_how_many_the_carrier_counts(client, boss, now):
    make.contact(make.account(owner=boss), phone="+12025550100")
    told = words(client.post("/templates/hello/look/", typed(channel="sms", body="ș" * 71)))
    assert "2 texts for the carrier: 71 places in UCS-2, because of ș" in told
    assert "warning Line 1 71 places in UCS-2: the carrier counts 2 texts with these examples." in told


def test_errors_are_told_by_line_while_one_types_and_refuse_the_save(client, boss, now):
    make.contact(make.account(owner=boss))
    bad = typed(body="Hi\n\n{{ contact.frist_name }}\nhttp://a.test")
    told = words(client.post("/templates/hello/look/", bad))
    assert "error Line 3 contact.frist_name is known to nobody. Did you mean contact.first_name?" in told
    assert "To sam" not in told
    answer = client.post("/templates/hello/", bad)
    assert answer.status_code == 422
    assert "Nothing was saved" in words(answer)
    assert "contact.frist_name }}\nhttp://a.test" in answer.content.decode()
    for given in (
        {"examples": "{"},
        {"examples": "[" * 100_000},
        {"content_variables": "1"},
        {"channel": "fax"},
        {"locale": "../x"},
        {"seen": "x" * 99},
    ):
        assert client.post("/templates/hello/", typed(**given, body="{{ x }}")).status_code == 422
    assert not Template.objects.exists()


def test_saving_makes_the_next_version_and_the_same_words_none(client, boss, now):
    assert "new" in words(client.get("/templates/hello/"))
    assert client.post("/templates/hello/", typed()).status_code == 302
    page = client.post("/templates/hello/", typed(seen="1", body="New"), follow=True)
    assert "Version 2 is saved. Messages written from now on use it." in words(page)
    assert "Nothing was saved." in words(client.post("/templates/hello/", typed(seen="2", body="New"), follow=True))
    assert list(Template.objects.order_by("version").values_list("version", "body", "created_by")) == [
        (1, BODY, f"user:{boss.pk}"),
        (2, "New", f"user:{boss.pk}"),
    ]
    old = client.get("/templates/hello/?channel=email&locale=en&version=1").content.decode()
    assert "- two https://a.test/x</textarea>" in old
    assert 'name="seen" value="2"' in old
    assert client.get("/templates/hello/?version=9").status_code == 404


def test_somebody_elses_save_is_told_and_the_second_try_is_on_purpose(client, boss, now):
    write(now, body="First")
    write(now, body="Theirs")
    answer = client.post("/templates/hello/", typed(seen="1", body="Mine"))
    assert answer.status_code == 409
    assert "Somebody else has saved hello for email in en. Nothing was saved." in words(answer)
    assert 'name="seen" value="2"' in answer.content.decode()
    assert "Mine</textarea>" in answer.content.decode()
    assert client.post("/templates/hello/", typed(seen="2", body="Mine")).status_code == 302
    assert messaging.templates.newest().get().version == 3


def test_a_translation_begins_with_what_it_translates_and_says_so(client, boss, now):
    write(now)
    make.contact(make.account(owner=boss), locale="pt-BR")
    page = client.get("/templates/hello/").content.decode()
    assert "?channel=email&amp;locale=pt" in page
    begun = client.get("/templates/hello/?channel=email&locale=pt")
    assert BODY in begun.content.decode()
    assert "These are still the words in en." in words(begun)


def test_whoever_may_not_change_them_reads_and_tries_them_on_their_own_book_only(client, now):
    create_groups()
    csm = make.user(Role.CSM)
    mine, theirs = make.contact(make.account(owner=csm), name="Mine One"), make.contact(make.account(owner=make.user()), name="Theirs One")
    write(now)
    client.force_login(csm)
    assert client.get("/templates/").status_code == 200
    page = client.get("/templates/hello/").content.decode()
    assert "Save as version" not in page
    assert mine.name in page
    for given in ({"contact": str(theirs.pk)}, {"who": "Theirs"}, {"who": "Theirs", "contact": str(theirs.pk)}):
        assert theirs.email not in client.post("/templates/hello/look/", typed(**given)).content.decode()
    assert client.post("/templates/hello/", typed(seen="1", body="New")).status_code == 403
    assert client.get("/do/templates/new/?key=mine").status_code == 403
    assert client.get("/templates/unknown/").status_code == 404
    assert Template.objects.count() == 1
    client.logout()
    assert client.post("/templates/hello/look/", typed()).status_code == 302


def test_a_new_one_begins_with_its_key(client, boss):
    assert client.get("/do/templates/new/?key=Renewal Reminder")["Location"] == "/templates/renewal-reminder/"
    assert "A key is letters" in words(client.get("/do/templates/new/?key=../x", follow=True))
    assert "There are no templates yet" in words(client.get("/templates/"))


def test_a_mail_that_would_fail_says_so(client, boss):
    make.contact(make.account(owner=boss), name="x\r\nBcc: evil@x.test")
    told = words(client.post("/templates/hello/look/", typed(subject="For {{ contact.name }}")))
    assert "This mail would fail The subject has a line break in it" in told
