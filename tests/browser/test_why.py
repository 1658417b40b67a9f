"""Why? in a real browser: from the score to a raw event, and what would bring it down, by mouse, by keyboard, on a phone and without scripts."""

from datetime import timedelta
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from apps.accounts.models import Account
from apps.churn import services
from apps.churn.models import Prediction
from apps.core import clock
from tests import make
from tests.product import Product

from .conftest import Visitor

pytestmark = pytest.mark.browser
DAY = timedelta(days=1)
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
_SERIOUS = """async () => (await axe.run('main, .cs, #main', {resultTypes: ['violations']})).violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => node.html.slice(0, 140)).join(' | ')}`)"""


@pytest.fixture(scope="module")
def faded(rows, somebody) -> Account:
    """A customer that uses the product less and less and has two support problems, scored by the rule a week ago and now."""
    now = clock.now()
    account = make.account(owner=somebody, name="Faded Dental", arr=24_000, started_on=now.date() - 60 * DAY)
    make.meanings(**{"ticket.opened": "support"})
    make.weeks_of_use(account, until=now - 21 * DAY, weeks=5, per_week=9)
    make.weeks_of_use(account, until=now - 5 * DAY, weeks=2, per_week=3)
    make.activity(account, now - 4 * DAY, now - 3 * DAY, name="ticket.opened")
    services.ensure_default(now=now)
    for moment in (now - 8 * DAY, now):
        services.score_all(as_of=moment, now=moment, actor=make.ACTOR)
    return account


def test_from_the_score_down_to_a_raw_event(visitor: Visitor, faded: Account) -> None:
    page = visitor.page
    visitor.opens(f"/accounts/{faded.pk}/")
    page.get_by_role("link", name="Why, down to the events").click()
    expect(page.locator(".cs-w-verdict")).to_contain_text("of 100 points by the weighted rule")
    reason = page.locator(".cs-w-reasons summary", has_text="support problems")
    reason.focus()
    page.keyboard.press("Enter")
    rows = page.locator(".cs-w-reasons details[open] .cs-h-facts").first
    expect(rows.get_by_role("link")).to_have_count(2)
    with page.expect_navigation():
        rows.get_by_role("link").first.click()
    assert "/admin/accounts/activityevent/" in page.url
    expect(page.locator("#content, main").first).to_contain_text("ticket.opened")
    assert visitor.said == []


def test_what_if_answers_while_a_dial_is_turned_and_stores_nothing(visitor: Visitor, faded: Account) -> None:
    stored = Prediction.objects.count()
    page = visitor.page
    visitor.opens(f"/accounts/{faded.pk}/?tab=risk")
    answer = page.locator("#supposed")
    expect(answer).to_contain_text("As things are")
    page.get_by_role("button", name="The support problems are over").click()
    expect(answer.locator(".cs-w-changed")).to_contain_text("No support problems in 28 days")
    expect(answer.locator(".cs-better")).to_contain_text("points")
    page.get_by_role("button", name="Back to how things are").click()
    expect(answer.locator(".cs-w-changed")).to_have_count(0)
    page.get_by_label("Use, beside their own usual level").focus()
    page.keyboard.press("End")
    expect(page.locator("output[for=dial-use]")).to_have_text("150")
    expect(answer.locator(".cs-w-changed")).to_contain_text("actions in 28 days")
    assert Prediction.objects.count() == stored
    assert visitor.said == []


def test_without_scripts_a_button_still_answers(chromium: Browser, window: BrowserContext, site: Product, faded: Account) -> None:
    context = chromium.new_context(java_script_enabled=False)
    context.add_cookies(window.cookies())
    page = context.new_page()
    page.goto(f"{site.url}/accounts/{faded.pk}/?tab=risk")
    page.get_by_role("link", name="Try it").click()
    page.get_by_role("button", name="The support problems are over").click()
    expect(page.locator("#supposed .cs-w-changed")).to_contain_text("No support problems in 28 days")
    context.close()


def test_on_a_phone_why_comes_before_what_nobody_asked_for(visitor: Visitor, faded: Account) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 390, "height": 844})
    visitor.opens(f"/accounts/{faded.pk}/?tab=risk")
    why, health = (page.locator(part).bounding_box() for part in (".cs-w-verdict", "#health"))
    assert why is not None
    assert health is not None
    assert why["y"] < health["y"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visitor: Visitor, faded: Account, width: int, theme: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    visitor.opens(f"/accounts/{faded.pk}/?tab=risk")
    expect(page.locator("#supposed")).to_contain_text("As things are")
    page.locator(".cs-w-reasons summary").first.click()
    expect(page.locator(".cs-w-reasons details[open] .cs-h-facts").first).to_be_visible()
    page.evaluate(AXE)
    assert page.evaluate(_SERIOUS) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert visitor.said == []
