"""What customers read around the messages is in their own language, and a browser's wish stands in where nothing is known of them."""

import re
import string

import pytest
from django.test import Client

from apps.messaging import dispatch, languages, selectors
from tests import make

pytestmark = pytest.mark.django_db


def flat(said, before="") -> dict[str, str]:
    """Every sentence by its path."""
    return {
        path: text
        for name, inner in said.items()
        for path, text in (flat(inner, f"{before}{name}.") if isinstance(inner, dict) else {before + name: inner}).items()
    }


def test_every_language_says_everything_with_the_same_places_to_fill():
    def places(text):
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)

    english = flat(languages.LANGUAGES["en"])
    assert {"en", "de", "fr", "es", "pt"} <= set(languages.LANGUAGES)
    for tag, said in languages.LANGUAGES.items():
        told = flat(said)
        assert {name: places(text) for name, text in told.items()} == {name: places(text) for name, text in english.items()}, tag
        assert all(text.strip() for text in told.values()), tag
        same = {name for name in told if tag != "en" and told[name] == english[name] and not name.startswith(("channels.", "by."))}
        assert same == set(), tag


@pytest.mark.parametrize(
    ("own", "firm", "accepted", "shown"),
    [
        ("de", "", "fr", "de"),
        ("pt-BR", "", "", "pt"),
        ("", "", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("", "de", "fr", "fr"),
        ("", "de", "", "de"),
        ("sv", "", "ja,*;q=0.5", "en"),
        ("klingon", "", "\xff;;q=x", "en"),
        ("", "", "", "en"),
    ],
)
def test_the_page_speaks_the_contacts_language_then_the_browsers_then_the_accounts(own, firm, accepted, shown):
    sam = make.contact(make.account(locale=firm), locale=own, name="Sam {name} {x}")
    client = Client(headers={"Accept-Language": accepted})
    for path in (f"/c/preferences/{selectors.preferences_token(sam.pk)}", f"/c/unsubscribe/{unsubscribe(sam)}"):
        for answer in (client.get(path), client.post(path)):
            page = answer.content.decode()
            assert (answer.status_code, answer["Content-Language"], answer.cookies) == (200, shown, {})
            assert f'<html lang="{shown}">' in page
            assert re.search(r'<link rel="icon"[^>]* href="/static/img/mark[^"]*\.svg">', page)
    assert languages.words(shown)["preferences"] in client.get(f"/c/preferences/{selectors.preferences_token(sam.pk)}").content.decode()


def unsubscribe(contact) -> str:
    message = contact.messages.first() or make.message(contact, now=make._LONG_AGO)
    return selectors.unsubscribe_token(message)


def test_topics_and_channels_are_in_the_readers_words_and_staffs_own_topics_as_written():
    sam = make.contact(make.account(), locale="fr", phone="+12025550100")
    message = make.message(sam, now=make._LONG_AGO, topic="news")
    page = Client().get(f"/c/unsubscribe/{selectors.unsubscribe_token(message)}").content.decode()
    assert "Vous recevez des messages sur « News » par e-mail." in page
    page = Client().get(f"/c/preferences/{selectors.preferences_token(sam.pk)}").content.decode()
    assert "<legend>Réussite client</legend>" in page
    assert "Notification push" in page


def test_the_foot_of_a_mail_is_in_the_readers_language_and_leads_to_working_pages(now, peer, settings, client):
    settings.BASE_URL = "https://success.test"
    sam = make.contact(make.account(), locale="de-AT", email="sam@customer.test")
    make.message(sam, now=now, locale="en", body="Hello <there>\nhttps://a.test/?a=1&b=2")
    dispatch.one_round("email", owner="w1", clock=lambda: now)
    [mail] = peer.mails
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert mail["Content-Language"] == "en"
    assert '<html lang="en">' in html
    assert 'lang="de"' in html
    assert "Hello &lt;there&gt;<br>" in html
    assert 'href="https://a.test/?a=1&amp;b=2"' in html
    assert "prefers-color-scheme: dark" in html
    assert "Keine dieser E-Mails mehr: https://success.test/c/unsubscribe/" in text
    leave, preferences = (re.search(rf"https://success\.test(/c/{kind}/\S+)", text)[1] for kind in ("unsubscribe", "preferences"))
    assert f'href="https://success.test{leave}"' in html
    assert f'href="https://success.test{preferences}"' in html
    assert str(mail["List-Unsubscribe"]).strip() == f"<https://success.test{leave}>"
    assert client.get(leave).status_code == client.get(preferences).status_code == 200
