"""A rule is written by keyboard beside what it would have done, and nothing that axe calls serious."""

import re
from datetime import timedelta
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import expect

from apps.alerts.models import AlertRule, RuleTrial
from apps.core import clock
from tests import make

from .conftest import SLOW

pytestmark = pytest.mark.browser
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
_SERIOUS = """async () => (await axe.run('main, .cs, #main', {resultTypes: ['violations']})).violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => node.html.slice(0, 140)).join(' | ')}`)"""


@pytest.fixture
def past(rows, somebody):
    """An account whose two answers were late a month ago, and a rule that is live."""
    now = clock.now()
    account = make.account(owner=somebody, name="Riverside Dental", started_on=(now - timedelta(days=400)).date())
    for number in range(2):
        make.ticket(account, now - timedelta(days=30), due_at=now - timedelta(days=20), external_id=f"b{account.pk}-{number}")
    make.rule_row(account, now=now)
    yield account
    RuleTrial.objects.all().delete()
    AlertRule.objects.update(current=None, state="off")
    AlertRule.objects.all().delete()
    account.delete()


def test_a_rule_is_written_by_keyboard_beside_its_past(visitor, past):
    visitor.opens("/alerts/rules/new/")
    page, side = visitor.page, visitor.page.locator("#consequence")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Two late answers")
    with page.expect_response(lambda answer: "part=build" in answer.url):
        page.get_by_label("Figure", exact=True).select_option("late_answers")
    expect(page.get_by_label("Figure", exact=True)).to_have_value("late_answers")
    page.get_by_label("Limit", exact=True).focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("2")
    page.get_by_label("Told when it is the limit").select_option("above")
    expect(side).to_contain_text("Would have fired 1 time", timeout=SLOW)
    expect(side).to_contain_text("Riverside Dental")
    page.locator("#save").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/alerts/rules/two-late-answers/$"), timeout=SLOW)
    assert AlertRule.objects.get(key="two-late-answers").current.says["limit"] == 2
    page.get_by_role("button", name="Put live").click()
    expect(page.locator(".cs-head-top")).to_contain_text("live")
    assert visitor.said == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visitor, past, width, theme):
    page = visitor.page
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("/alerts/rules/", "/alerts/rules/late/", "/alerts/rules/late/?view=versions", "/alerts/rules/late/edit/"):
        visitor.opens(path)
        if path.endswith("edit/"):
            expect(page.locator("#consequence")).to_contain_text("Would have fired", timeout=SLOW)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.evaluate(AXE)
        assert page.evaluate(_SERIOUS) == [], path
