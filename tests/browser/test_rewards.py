"""The Rewards page in a real browser: a claim is decided by keyboard, what is asked for is handed over, in both lights and on a phone."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import expect

from apps.core import clock
from apps.milestones import services
from apps.milestones.models import Redemption, RewardClaim
from apps.milestones.rewards.granting import settle
from tests import make
from tests.milestones import rewarding

from .conftest import Visitor

pytestmark = pytest.mark.browser
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
_SERIOUS = """async () => (await axe.run('main, .cs, #main', {resultTypes: ['violations']})).violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => node.html.slice(0, 140)).join(' | ')}`)"""
EVIL = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"


@pytest.fixture(scope="module")
def prizes(rows, somebody) -> None:
    """Budgets, claims that wait, something to hand over, and hostile words in the place of names."""
    now = clock.now()
    rewarding.budget(now, 5_000)
    rewarding.budget(now, 300, unit="credits", currency="EUR")
    rule = rewarding.rule(now, name=EVIL, amount=Decimal(200))
    proven = rewarding.rule(now, name="Value confirmed", needs_proof=True, daily_cap=Decimal(900), expires_days=90)
    for number in range(5):
        account = make.account(owner=somebody, name=f"Customer {number} of the long name that some companies have")
        settle(rule, rewarding.cause(account, "a", now - timedelta(hours=number), 200), actor=make.ACTOR, now=now)
        if number < 2:
            settle(proven, rewarding.cause(account, "a", now, proven=False), actor=make.ACTOR, now=now)
    item = services.write_item(key="mug", fields={"name": "A mug", "cost": Decimal(40), "stock": 2}, actor=make.ACTOR, now=now)
    services.redeem(account=account, item=item, idem_key="r1", contact=make.contact(account, name=EVIL), actor=make.ACTOR, now=now)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visitor: Visitor, prizes: None, width: int, theme: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    visitor.opens("/rewards/")
    for summary in page.locator("details.cs-months > summary").all():
        summary.click()
    page.evaluate(AXE)
    assert page.evaluate(_SERIOUS) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("window.hacked") is None
    assert visitor.said == []


def test_a_claim_is_granted_by_keyboard_and_another_refused_with_its_reason(visitor: Visitor, prizes: None) -> None:
    page = visitor.page
    visitor.opens("/rewards/")
    visitor.is_live()
    page.keyboard.press("j")
    page.keyboard.press("e")
    expect(page.locator(".cs-toast-words")).to_contain_text("Granted: Value confirmed")
    expect(page.locator("#waiting")).to_contain_text("1 claim, the oldest first")
    page.locator("#waiting summary").first.click()
    page.get_by_role("button", name="A program did it").click()
    expect(page.locator("#waiting")).to_contain_text("Nothing waits")
    assert sorted(RewardClaim.objects.filter(rule__name="Value confirmed").values_list("state", "decision")) == [
        ("granted", ""),
        ("refused", "A program did it"),
    ]
    assert visitor.said == []


def test_what_was_asked_for_is_handed_over(visitor: Visitor, prizes: None) -> None:
    visitor.opens("/rewards/")
    visitor.page.get_by_role("button", name="Handed over").click()
    expect(visitor.page.locator("#waiting")).to_contain_text("Nothing is asked for")
    assert Redemption.objects.get().state == "handed_over"
    assert visitor.said == []
