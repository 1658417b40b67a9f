"""Escalation in a real browser: a policy from nothing by the keyboard, the bell that rings live, every page by axe and on a phone."""

from datetime import timedelta

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from apps.alerts.escalation import policies
from apps.alerts.models import EscalationPolicy, NoticeSending
from apps.alerts.notifying import telling
from apps.core import clock
from apps.events import services as events
from apps.events.vocabulary import AlertTold
from tests import make

from .conftest import SLOW, Visitor, delivered
from .test_workspace import _SERIOUS, AXE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def company(rows: None, somebody: User) -> None:
    now = clock.now()
    policies.prepare(now=now)
    account = make.account(owner=somebody, name="Riverside Dental", arr=48_000)
    alert = make.alert(account, now=now - timedelta(hours=3))
    climb = make.alert_climb(alert, now=now - timedelta(hours=3), policy=EscalationPolicy.objects.get(is_default=True))
    climb.taken.update(done_at=now - timedelta(hours=3), what=f"To {somebody} as the owner.")
    make.rota(somebody, make.user(), now=now, name="First response", key="first-response")
    make.response_run(alert, now=now)
    telling.tell(alert, people=[somebody], key="k0", words="To you as the owner.", urgent=True, now=now)
    NoticeSending.objects.update(state="dropped", done_at=now)


def press(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=name, exact=True).first
    button.focus()
    button.press("Enter")


def test_a_policy_from_nothing_by_the_keyboard(visitor: Visitor, company: None) -> None:
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.opens("/alerts/escalation/")
    page.get_by_role("link", name="New policy").press("Enter")
    page.get_by_label("Name", exact=True).fill("Weekend watch")
    press(page, "+ Tell somebody")
    expect(page.locator(".cs-e-step")).to_have_count(8)
    page.locator("#s7-whom").focus()
    page.locator("#s7-whom").select_option(label="First response")
    press(page, "Remove step 2")
    expect(page.locator(".cs-e-step")).to_have_count(7)
    press(page, "Step 7 up")
    expect(page.locator("[data-told]")).to_have_text("Step 7 is now step 6.", timeout=SLOW)
    expect(page.locator(".cs-e-foretold li")).to_have_count(5, timeout=SLOW)
    expect(page.locator(".cs-e-foretold li").first).to_contain_text("now")
    press(page, "Save")
    expect(page.get_by_role("heading", name="Weekend watch")).to_be_visible(timeout=SLOW)
    saved = EscalationPolicy.objects.get(key="weekend-watch")
    assert {"do": "notify", "whom": "duty", "key": "first-response"} in saved.steps
    assert visitor.said == []


def test_the_bell_rings_while_one_looks_on(visitor: Visitor, company: None, somebody: User) -> None:
    page = visitor.page
    visitor.opens("/alerts/duty/")
    visitor.is_live()
    before = page.locator(".cs-bell").get_attribute("aria-label")
    now = clock.now()
    alert = make.alert(make.account(owner=somebody, name="Harbour Clinic"), now=now)
    with transaction.atomic():
        telling.tell(alert, people=[somebody], key="k1", words="To you.", urgent=False, now=now)
        told = AlertTold(account_id=alert.account_id, alert_id=alert.pk, user_ids=[somebody.pk], words="To you.")
        events.publish(told, actor=make.ACTOR, now=now)
    delivered()
    expect(page.locator(".cs-bell")).not_to_have_attribute("aria-label", str(before), timeout=SLOW)
    page.locator(".cs-bell").click()
    expect(page.get_by_role("link", name="Harbour Clinic", exact=True)).to_be_visible(timeout=SLOW)
    press(page, "Mark all read")
    expect(page.get_by_text("all read")).to_be_visible(timeout=SLOW)


PAGES = (
    *("/alerts/escalation/", "/alerts/escalation/new/", "/alerts/duty/", "/alerts/duty/first-response/", "/alerts/duty/new/"),
    *("/alerts/channels/", "/alerts/told/", "/notices/"),
)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_accessible_and_nothing_scrolls_sideways(visitor: Visitor, company: None, width: int, dark: bool) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if dark else "light")
    found = []
    for path in PAGES:
        visitor.opens(path)
        page.evaluate("(dark) => document.documentElement.classList.toggle('dark', dark)", dark)
        page.evaluate(AXE)
        found += [f"{path} {words}" for words in page.evaluate(_SERIOUS)]
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            found.append(f"{path} is too wide")
    assert found == []
