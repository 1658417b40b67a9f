"""Everybody is written to in the language they read best, and what is missing is told with the people who would have read it."""

import pytest

from apps.accounts.types import Role
from apps.core.actor import Actor
from apps.core.errors import Conflict, Refused
from apps.messaging import locales, services, translations
from apps.messaging.models import Message, Template
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def write(now, locale, body="", **more) -> Template:
    given = {"key": "hello", "channel": "email", "subject": f"In {locale}", **more}
    return services.write_template(**given, locale=locale, body=body or f"Words in {locale}", actor=ACTOR, now=now)


def reader(own="", firm="", **more):
    return make.contact(make.account(locale=firm, owner=more.pop("owner", None)), locale=own, **more)


def sent(contact, now) -> Message:
    given = {"channel": "email", "template_key": "hello", "lane": "save", "idem_key": f"k{contact.pk}", "context": {}}
    return services.compose(contact=contact, **given, due_at=now, expires_at=now, actor=ACTOR, now=now)


@pytest.mark.parametrize(
    ("word", "tag"),
    [
        ("pt_br", "pt-BR"),
        ("PT-br", "pt-BR"),
        ("de", "de"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("en_US.UTF-8", "en-US"),
        *[(word, "") for word in ("", "german", "x", "12", "de-", "../de", "de;q=1", "ﬁ")],
    ],
)
def test_a_language_is_written_in_one_way(word, tag):
    assert locales.normal(word) == tag


@pytest.mark.parametrize(
    ("own", "firm", "there", "chosen"),
    [
        ("pt-BR", "", ["en", "pt", "pt-BR"], "pt-BR"),
        ("pt_br", "", ["en", "pt"], "pt"),
        ("pt", "", ["en", "pt-BR"], "en"),
        ("fr", "de-AT", ["en", "de"], "de"),
        ("fr-CA", "de", ["en", "de", "fr"], "fr"),
        ("", "de", ["en", "de"], "de"),
        ("klingon", "de", ["en", "de"], "de"),
        ("sv", "nb", ["en", "de"], "en"),
        ("", "", ["en", "de"], "en"),
        ("en-GB", "", ["en", "de"], "en"),
    ],
)
def test_the_message_is_in_the_first_language_there_is_and_keeps_it(now, own, firm, there, chosen):
    for locale in there:
        write(now, locale)
        write(now, locale, "Newer")
    message = sent(reader(own, firm), now)
    assert (message.locale, message.template.locale, message.template.version, message.body) == (chosen, chosen, 2, "Newer")


def test_where_even_the_house_has_no_words_the_refusal_says_which_there_are(now):
    write(now, "de")
    with pytest.raises(Refused) as refusal:
        sent(reader("fr"), now)
    assert refusal.value.message == (
        "There is no email template 'hello' for fr. It is there in de, and not in en, which stands in for every language. Create it first."
    )


def test_versions_count_per_language_keep_who_and_when_and_never_change(now):
    first, other = write(now, "en"), write(now, "de")
    second = write(now, "en", "Changed")
    assert [(one.locale, one.version) for one in (first, other, second)] == [("en", 1), ("de", 1), ("en", 2)]
    assert (second.created_by, second.created_at) == ("job:test", now)
    first.refresh_from_db()
    assert first.body == "Words in en"
    assert write(now, "en", "Changed") == second
    assert Template.objects.count() == 3


def test_two_who_write_at_once_are_told_and_nothing_is_lost(now):
    write(now, "en")
    with pytest.raises(Conflict):
        write(now, "en", "Mine", seen=0)
    assert write(now, "en", "Mine", seen=1).version == 2
    assert list(Template.objects.order_by("version").values_list("body", flat=True)) == ["Words in en", "Mine"]


@pytest.mark.django_db(transaction=True)
def test_eight_writers_at_the_same_moment_make_one_version_each_or_are_refused(now):
    write(now, "en")
    told = []

    def one(number: int) -> None:
        try:
            told.append(write(now, "en", f"Words {number}").version)
        except Conflict:
            told.append(0)

    make.at_once(one, 8)
    made = sorted(version for version in told if version)
    assert (len(told), made) == (8, list(range(2, 2 + len(made))))
    assert Template.objects.count() == 1 + len(made)


def test_what_is_missing_is_told_by_language_with_the_people_who_read_it(now):
    boss, mine = make.user(role=None, is_superuser=True), make.user(Role.CSM)
    for own, firm, more in [
        ("pt-BR", "", {"owner": mine}),
        ("pt_BR", "", {"phone": "+12025550100"}),
        ("", "pt", {"email": ""}),
        ("de-AT", "", {}),
        ("de", "", {}),
        ("fr", "", {"departed_on": now.date()}),
        ("", "", {}),
        ("klingon", "", {}),
    ]:
        reader(own, firm, **more)
    gone = make.account(stage="churned")
    make.contact(gone, locale="fr")
    who = translations.readers(boss)
    assert [(one.locale, one.people) for one in who] == [("en", 2), ("pt-BR", 2), ("de", 1), ("de-AT", 1), ("pt", 1)]

    def gaps(*there):
        return [(gap.channel, gap.locale, gap.people) for gap in translations.gaps(there, who)]

    assert gaps(("email", "en"), ("sms", "en")) == [("email", "de", 2), ("email", "pt", 2), ("sms", "pt", 1)]
    assert gaps(("email", "en"), ("email", "de"), ("email", "pt-BR")) == []
    assert gaps(("in_app", "en"), ("in_app", "de-AT"), ("in_app", "pt")) == [("in_app", "de", 1)]
    assert gaps(("email", "de")) == [("email", "en", 2), ("email", "pt", 2)]
    assert [(one.locale, one.people) for one in translations.readers(mine)] == [("pt-BR", 1)]


def test_the_readers_are_counted_in_one_statement(django_assert_num_queries):
    boss = make.user(role=None, is_superuser=True)
    for locale in ("de", "fr", "de-AT"):
        reader(locale)
    translations.readers(boss)
    with django_assert_num_queries(1):
        assert len(translations.readers(boss)) == 3
