"""Word of mouth in a real browser: what a person chooses at 390 px in two languages without scripts, and the page of staff."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import Contact, User
from apps.community import selectors, services
from apps.community.models import Ask, AskRules, ChallengeEntry, NamedConsent, SharingChoice
from apps.core import clock
from apps.messaging import selectors as messaging
from apps.messaging import services as messages
from tests import make

from .conftest import Visitor
from .test_workspace import _SERIOUS, AXE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SHOTS = os.environ.get("SHOTS", "")


def shot(page: Page, name: str) -> None:
    """For the eye, where somebody asked for pictures."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.fixture(scope="module")
def sam(rows: None, somebody: User) -> Contact:
    """Somebody who is asked, owes nothing, and may be in a challenge; and what staff see beside."""
    now = clock.now()
    messages.ensure_templates(now)
    AskRules.objects.create(review_url="https://reviews.example.com/us")
    accounts = [
        make.account(name=f"{name} Dental", owner=somebody, plan="Team") for name in ("Riverside", "Hillside", "Lakeside", "Parkside", "Northgate")
    ]
    people = [make.contact(account, name=f"Sam {account.name.split()[0]}", role="champion") for account in accounts]
    make.proved(accounts[4], people[4], now=now)
    make.asked(people[3], now=now - timedelta(days=2))
    for person in people[1:3]:
        make.response(person.account, now - timedelta(days=1), contact=person, score=10)
        make.message(person, now=now, state="replied", replied_at=now - timedelta(days=2), reply="We love it!")
    services.write_statement(
        key="few", fields={"words": {"en": "{number} teams tried it"}, "deed": "lately", "activity": "x", "live": True}, actor=make.ACTOR, now=now
    )
    services.publish_all(now=now)
    services.find([account.pk for account in accounts], now=now, actor=make.ACTOR)
    return people[0]


@pytest.fixture(params=["en", "de"])
def customer(request, chromium, site) -> Iterator[Page]:
    """A customer’s own browser: nobody is signed in, and no page asks for a script."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale={"en": "en-GB", "de": "de-DE"}[request.param])
    page = context.new_page()
    page.language = request.param
    page.said = []
    page.on("console", lambda message: page.said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda asked: page.said.append(f"script {asked.url}") if asked.resource_type == "script" else None)
    yield page
    context.close()


def good(page: Page, name: str) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        # The page's own policy lets nothing in, so axe comes in through the debugger.
        page.evaluate(AXE)
        assert page.evaluate(_SERIOUS) == []
        shot(page, f"{name}-{page.language}-{theme}")


def test_a_person_chooses_is_asked_to_be_named_and_joins_a_challenge(customer: Page, sam: Contact, site) -> None:
    german, now = customer.language == "de", clock.now()
    customer.goto(f"{site.url}/c/preferences/{messaging.preferences_token(sam.pk)}")
    customer.get_by_role("link", name="Woran Sie teilnehmen" if german else "What you take part in").click()
    expect(customer.locator("h1")).to_have_text("Woran Sie teilnehmen" if german else "What you take part in")
    good(customer, "sharing")
    for value in ("boards", "named"):
        customer.locator(f"input[value={value}]").check()
    customer.locator("input[value=referral]").uncheck()
    customer.get_by_role("button", name="Speichern" if german else "Save").click()
    expect(customer.get_by_role("status")).to_be_visible()
    assert {row.surface for row in SharingChoice.objects.filter(contact=sam, allowed=True)} == {"advocacy", "proof", "boards", "named"}
    services.ask_to_name(
        contact=sam, item=f"case:{customer.language}", words="“It paid for itself.” Sam, Riverside Dental", actor=make.ACTOR, now=now
    )
    customer.reload()
    good(customer, "named")
    customer.get_by_role("button", name="Ja, Sie dürfen es zeigen" if german else "Yes, you may show it").first.click()
    assert NamedConsent.objects.get(item=f"case:{customer.language}").allowed is True
    customer.get_by_role("link", name="Wettbewerbe" if german else "Challenges").click()
    customer.get_by_role("button", name="Teilnehmen" if german else "Take part").click()
    assert ChallengeEntry.objects.filter(contact=sam).count() == 1
    good(customer, "challenges")
    customer.get_by_role("button", name="Sofort aussteigen" if german else "Leave at once").click()
    assert ChallengeEntry.objects.filter(contact=sam).count() == 0
    assert customer.said == []


def test_an_ask_is_answered_by_a_button(customer: Page, sam: Contact, site) -> None:
    now = clock.now()
    other = make.contact(sam.account)
    ask = Ask.objects.create(
        account=sam.account, contact=other, kind="case", state="asked", proposed_at=now, asked_at=now, expires_at=now + timedelta(days=9)
    )
    customer.goto(f"{site.url}/c/ask/{selectors.ask_token(ask)}")
    good(customer, "ask")
    customer.locator("button[value=yes]").click()
    expect(customer.get_by_role("status")).to_be_visible()
    ask.refresh_from_db()
    assert ask.state == "agreed"
    assert customer.said == []


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
def test_the_staff_page_is_clean_and_fits(visitor: Visitor, sam: Contact, width: int, theme: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for path, name in (("/community/", "desk"), (f"/delivery/contacts/{sam.pk}/", "contact")):
        visitor.opens(path)
        page.evaluate(AXE)
        assert page.evaluate(_SERIOUS) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        shot(page, f"{name}-{width}-{theme}")
    assert visitor.said == []


def test_staff_let_an_ask_go(visitor: Visitor, sam: Contact) -> None:
    visitor.opens("/community/")
    visitor.page.get_by_role("button", name="Ask them").first.click()
    expect(visitor.page.locator(".cs-toast-words").first).to_contain_text("On its way to")
    assert Ask.objects.filter(moment__isnull=False, state="asked", message__isnull=False).count() == 1
    assert visitor.said == []
