"""The delivery inspector in a real browser: from the search to the reason, by keyboard, on a phone, and what is done there is done."""

from datetime import timedelta
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import expect

from apps.accounts.models import Contact
from apps.core import clock
from apps.messaging import dispatch
from apps.messaging.models import Consent, Decision, Message, MessageAttempt
from tests import make

from .conftest import Visitor

pytestmark = pytest.mark.browser
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
_SERIOUS = """async () => (await axe.run('main, .cs, #main', {resultTypes: ['violations']})).violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => node.html.slice(0, 140)).join(' | ')}`)"""
EVIL = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>{{7*7}}"


@pytest.fixture(scope="module")
def sam(rows, somebody) -> Contact:
    """Somebody with a message in every state that the page speaks of, one of them with hostile words."""
    now = clock.now()
    make.open_channels()
    account = make.account(owner=somebody, name="Riverside Dental", time_zone="America/New_York")
    person = make.contact(account, name="Sam Reed", email="sam.reed@riverside.test", phone="+12025550100", title=EVIL)
    Consent.objects.create(contact=person, channel="email", topic="news", allowed=False, source="one-click", at=now - timedelta(days=2))
    states = {
        "delivered": "Your renewal on Thursday",
        "unknown": "Did the export work?",
        "failed": "Three ideas",
        "suppressed": "What is new",
        "returned": EVIL,
        "held": "A quick check-in",
    }
    for number, (state, subject) in enumerate(states.items()):
        at = now - timedelta(hours=9 - number)
        waits = {"due_at": now + timedelta(hours=20)} if state == "held" else {"claimed_at": at, "sent_at": at}
        row = make.message(person, now=at, state=state, subject=subject, reason=EVIL if state == "returned" else "Because.", topic="news", **waits)
        told = {"message": row, "account": account, "at": at, "last_at": at}
        Decision.objects.create(**told, state="queued", actor="user:1")
        Decision.objects.create(**told, state=state, reason=row.reason, actor="job:messaging.dispatch")
        if state in ("failed", "unknown"):
            MessageAttempt.objects.create(
                message=row, number=1, owner="w", provider="smtp", started_at=at, ended_at=at, outcome="refused", code="552"
            )
    return person


def test_from_a_name_to_the_reason_and_to_the_record_behind_it(visitor: Visitor, sam: Contact) -> None:
    page = visitor.page
    visitor.opens("/delivery/")
    page.get_by_role("searchbox").fill("sam reed")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Sam Reed", exact=True).first.click()
    story = page.locator("article", has_text="Three ideas")
    story.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(story.locator(".cs-d-chain")).to_contain_text("smtp refused it")
    expect(story.locator(".cs-d-verdict")).to_have_text("No: Because.")
    story.get_by_role("link", name="smtp refused it").click()
    expect(page).to_have_url(f"{visitor.url}/admin/messaging/messageattempt/{MessageAttempt.objects.order_by('id').last().pk}/change/")
    assert visitor.said == []


def test_what_is_requeued_and_recalled_shows_at_once_with_who_did_it(visitor: Visitor, sam: Contact, somebody) -> None:
    page = visitor.page
    visitor.opens(f"/delivery/contacts/{sam.pk}/")
    visitor.is_live()
    held = page.locator("article", has_text="A quick check-in")
    held.get_by_role("button", name="Recall").click()
    expect(held.locator(".cs-pill").first).to_have_text("cancelled")
    expect(held.locator(".cs-d-chain")).to_contain_text(str(somebody))
    dead = page.locator("article", has_text="Three ideas")
    dead.locator("summary").click()
    dead.get_by_role("button", name="Requeue").click()
    expect(dead.locator(".cs-pill").first).to_have_text("queued")
    expect(dead.locator(".cs-d-chain")).to_contain_text("Queued again by a person.")
    assert set(Message.objects.filter(contact=sam, subject__in=["A quick check-in", "Three ideas"]).values_list("state", flat=True)) == {
        "cancelled",
        "queued",
    }
    assert visitor.said == []


def test_a_decision_made_elsewhere_appears_without_a_reload(visitor: Visitor, sam: Contact) -> None:
    visitor.opens("/delivery/?state=expired")
    visitor.is_live()
    expect(visitor.page.locator("#list")).to_contain_text("No such decision")
    now = clock.now()
    make.message(sam, now=now - timedelta(days=5), subject="Far too late")
    dispatch.one_round("email", owner="w", clock=lambda: now)
    # The worker that carries hints is not part of this test; the page asks when it is looked at again.
    visitor.page.evaluate("document.dispatchEvent(new CustomEvent('cs:resync'))")
    expect(visitor.page.locator("#list")).to_contain_text("Far too late")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visitor: Visitor, sam: Contact, width: int, theme: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    for path in (f"/delivery/contacts/{sam.pk}/", "/delivery/?state=all&q=sam", "/channels/"):
        visitor.opens(path)
        for summary in page.locator(".cs-d-story summary").all():
            if summary.locator("xpath=..").get_attribute("open") is None:
                summary.click()
        page.evaluate(AXE)
        assert page.evaluate(_SERIOUS) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert page.evaluate("window.hacked") is None
    assert visitor.said == []
