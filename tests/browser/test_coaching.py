"""The coaching workspace in a real browser: a tip accepted live, its events opened, sent by mail, and nothing that axe calls serious."""

from datetime import timedelta
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import expect

from apps.accounts.models import Account, Promise
from apps.coaching import services
from apps.coaching.models import CoachingRules, Recommendation
from apps.core import clock
from apps.messaging import services as messaging
from apps.messaging.models import Message
from tests import make

from .conftest import Visitor

pytestmark = pytest.mark.browser
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
_SERIOUS = """async () => (await axe.run('main, .cs, #main', {resultTypes: ['violations']})).violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => node.html.slice(0, 140)).join(' | ')}`)"""
EVIL = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>{{7*7}}"


@pytest.fixture(scope="module")
def coached(rows, somebody) -> Account:
    """Twelve accounts with the shipped tips; the last uses one thing now and then, is at risk, and was promised something hostile."""
    now = clock.now()
    make.meanings(**{"appointment.booked": "core", "invoice.sent": "core", "login": "engagement", "report.viewed": "engagement"})
    messaging.ensure_templates(now)
    services.ensure_tips(now=now)
    made = [
        make.account(owner=somebody, name=f"Customer {n}", arr=90_000 - n * 5_000, started_on=now.date() - timedelta(days=400)) for n in range(12)
    ]
    for number, account in enumerate(made[:-1]):
        for name in ("login", "appointment.booked", "invoice.sent", "report.viewed")[: 1 + number % 4]:
            make.activity(account, *[now - timedelta(days=day) for day in range(1, 50, 1 + number // 3)], name=name)
        make.risk(account, now=now, probability=0.1 + number * 0.02, source="logistic v3")
    last = made[-1]
    make.activity(last, *[now - timedelta(days=day) for day in (3, 17, 40)], name="login")
    make.risk(last, now=now, probability=0.62, source="logistic v3")
    make.contact(last, name="Sam Reed", title="Owner")
    make.ticket(last, now - timedelta(days=4), subject=EVIL)
    Promise.objects.create(account=last, text=EVIL, due_on=now.date() - timedelta(days=1), owner=somebody, created_at=now)
    # The least that may be held back: that all three slots of one account are is one in a hundred thousand.
    CoachingRules.objects.update_or_create(pk=1, defaults={"held_percent": 2})
    services.refit(now=now)
    services.recommend([account.pk for account in made], now=now, actor=make.ACTOR)
    assert Recommendation.objects.filter(account=last, held_back=False).exists()
    return last


def test_a_tip_is_sent_and_accepted_and_the_page_says_so_by_itself(visitor: Visitor, coached: Account) -> None:
    visitor.opens("/coaching/")
    visitor.is_live()
    page = visitor.page
    page.locator("#rows").get_by_role("link", name=coached.name, exact=True).click()
    page.wait_for_url("**/coaching/accounts/*/")
    visitor.is_live()
    tip = page.locator(".cs-k-tip").first
    expect(tip).to_contain_text("They are behind in")
    tip.locator("summary", has_text="event").first.click()
    expect(tip.locator(".cs-k-events a").first).to_contain_text("login")
    tip.locator("summary", has_text="Send it").click()
    tip.get_by_role("button", name="Send").click()
    expect(page.locator(".cs-toast-words").last).to_contain_text("Written to Sam Reed; the governor says when it leaves.")
    # The page is fetched anew after what was done, which folds the form.
    expect(tip.get_by_role("button", name="Send")).to_be_hidden()
    message = Message.objects.get()
    assert (message.lane, message.account_id) == ("nurture", coached.pk)
    tip.get_by_role("button", name="Accept").click()
    expect(page.locator(".cs-toast-words").last).to_contain_text("Accepted.")
    expect(page.locator("#work")).to_contain_text("its effect is read")
    assert Recommendation.objects.filter(account=coached, state="accepted").count() == 1
    assert page.evaluate("window.hacked") is None
    assert visitor.said == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visitor: Visitor, coached: Account, width: int, theme: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    for path in ("/coaching/", f"/coaching/accounts/{coached.pk}/"):
        visitor.opens(path)
        for part in page.locator(".cs details:not(.cs-menu)").all()[:6]:
            part.evaluate("one => { one.open = true }")
        page.evaluate(AXE)
        assert page.evaluate(_SERIOUS) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert page.evaluate("window.hacked") is None
    assert visitor.said == []
