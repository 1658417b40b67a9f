"""Recommendations in a real browser: a doubt is decided, a stranger follows a link at 390 px in two languages, an advocate gets theirs."""

import os
from datetime import timedelta
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import expect

from apps.community import selectors, services
from apps.community.models import Advocate, Referral, ReferralClick
from apps.core import clock
from apps.messaging import services as messaging
from apps.milestones.selectors import path_token
from tests import make

from .conftest import Visitor

pytestmark = pytest.mark.browser
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
_SERIOUS = """async () => (await axe.run('main, .cs, #main', {resultTypes: ['violations']})).violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => node.html.slice(0, 140)).join(' | ')}`)"""
EVIL = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"


@pytest.fixture(scope="module")
def word_of_mouth(rows, somebody) -> Advocate:
    """A program with advocates of two months, sign-ups that count, wait or are doubtful, and hostile words in the place of names."""
    now = clock.now()
    messaging.ensure_templates(now)
    program = make.program(now=now, key="friends")
    people = []
    for number in range(34):
        account = make.account(
            owner=somebody, name=f"Customer {number} of the long name that some companies have", created_at=now - timedelta(days=500)
        )
        person = make.contact(account, name=EVIL, email=f"ann@ours{number}.test")
        people.append(services.referrals.join(program, contact=person, actor=make.ACTOR, now=now - timedelta(days=number)))
    for advocate in people[:7]:
        friend = make.friend(now=now, owner=somebody, name=f"{EVIL} of {advocate.pk}")
        row = make.referral(advocate, now=now, of=friend)
        make.activity(friend, now, name="report.shared")
        services.referrals.look([row.pk], actor=make.ACTOR, now=now)
    make.referral(people[8], now=now)
    make.referral(people[9], now=now, email="kim@ours9.test")
    make.referral(people[10], now=now, email="kim@ours10.test")
    return people[0]


def shoot(page, name: str) -> None:
    """For whoever wants to look: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visitor: Visitor, word_of_mouth: Advocate, width: int, theme: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    visitor.opens("/community/referrals/")
    shoot(page, f"referrals-{width}-{theme}")
    page.evaluate(AXE)
    assert page.evaluate(_SERIOUS) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("window.hacked") is None
    assert visitor.said == []


def test_a_doubt_is_decided_with_a_reason(visitor: Visitor, word_of_mouth: Advocate) -> None:
    page = visitor.page
    visitor.opens("/community/referrals/")
    expect(page.locator("#queue")).to_contain_text("2 sign-ups, the oldest first")
    page.locator("#queue summary").first.click()
    page.get_by_role("button", name="We know both").first.click()
    expect(page.locator(".cs-toast-words")).to_contain_text("It counts: We know both")
    assert Referral.objects.filter(cleared=True).count() == 1


@pytest.mark.parametrize(("language", "button"), [("de", "Ansehen"), ("en", "Have a look")])
def test_a_stranger_reads_the_page_on_a_phone_and_goes_on(visitor: Visitor, site, word_of_mouth: Advocate, language: str, button: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 390, "height": 844})
    link = selectors.referrals.link(word_of_mouth.code).rpartition("/c/r/")[2]
    page.goto(f"{site.url}/c/r/{link}?lang={language}")
    shoot(page, f"landing-{language}")
    page.evaluate(AXE)
    assert page.evaluate(_SERIOUS) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    expect(page.get_by_role("button", name=button)).to_be_visible()
    assert ReferralClick.objects.count() == 0


def test_an_advocate_reads_their_page_on_a_phone(visitor: Visitor, site, word_of_mouth: Advocate) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site.url}/c/recommend/{path_token(word_of_mouth.contact, now=clock.now())}?lang=de")
    shoot(page, "own-de")
    page.evaluate(AXE)
    assert page.evaluate(_SERIOUS) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_label("E-Mail-Adresse").fill("noor@elsewhere.test")
    page.get_by_role("button", name="Einladen").click()
    expect(page.get_by_role("status")).to_contain_text("Die Einladung ist unterwegs")
