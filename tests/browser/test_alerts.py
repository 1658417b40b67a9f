"""The inbox of alerts by keyboard, with many at once, in the drawer and on a phone."""

from datetime import timedelta
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import expect

from apps.alerts import services
from apps.alerts.matters import Matter
from apps.alerts.models import Alert, AlertSubscription
from apps.core import clock
from apps.core.actor import Actor
from tests import make

from .conftest import SLOW

pytestmark = pytest.mark.browser
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
_SERIOUS = """async () => (await axe.run('main, .cs, #main', {resultTypes: ['violations']})).violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => node.html.slice(0, 140)).join(' | ')}`)"""
ACTOR = Actor.job("test")


@pytest.fixture
def alerts(rows, somebody):
    """Two accounts: one with two alerts, one with a smaller one; the first two are the first account's."""
    Alert.objects.all().delete()
    now, made = clock.now(), []
    large = make.account(owner=somebody, name="Large Dental", arr=90_000)
    small = make.account(owner=somebody, name="Small Dental", arr=900)
    make.play(name="Save them")
    for place, account in enumerate((large, large, small)):
        severity = ("urgent", "warning", "info")[place]
        matter = Matter("usage_fell", f"b{account.pk}:{place}", severity, f"Usage fell {place}", ["40 instead of 80"], account, rule_key="usage-fell")
        made.append(services.open_alert(matter, actor=ACTOR, now=now - timedelta(minutes=place)))
    yield made
    Alert.objects.filter(account__in=[large, small]).delete()


def state(alert):
    alert.refresh_from_db()
    return alert.state


def test_a_morning_of_triage_by_keyboard_alone(visitor, alerts, somebody):
    first, second, third = alerts
    visitor.opens("/alerts/")
    page, toast = visitor.page, visitor.page.locator(".cs-toast-words").last
    expect(page.locator("[data-row]")).to_have_count(3)
    page.keyboard.press("j")
    expect(page.locator(".cs-selected")).to_contain_text("Usage fell 0")
    page.keyboard.press("u")
    expect(toast).to_have_text("Useful: Usage fell 0")
    expect(page.locator(f"#a{first.pk}.cs-selected")).to_contain_text("1 of 1 useful", timeout=SLOW)
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="(me)").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(toast).to_contain_text("has it: Usage fell 0")
    expect(page.locator(f"#a{first.pk}.cs-selected")).to_contain_text("has it", timeout=SLOW)
    page.keyboard.press("e")
    expect(toast).to_have_text("Acknowledged: Usage fell 0")
    expect(page.locator(f"#a{first.pk}")).to_have_count(0, timeout=SLOW)
    expect(page.locator(f"#a{second.pk}.cs-selected")).to_have_count(1)
    page.keyboard.press("s")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(toast).to_have_text("Back in 3 days: Usage fell 1")
    expect(page.locator(f"#a{second.pk}")).to_have_count(0, timeout=SLOW)
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    expect(toast).to_contain_text("“Save them” began for Small Dental")
    expect(page.locator("[data-row]")).to_have_count(0, timeout=SLOW)
    assert [state(alert) for alert in alerts] == ["acknowledged", "snoozed", "acknowledged"]
    assert third.owner == somebody
    page.keyboard.press("?")
    expect(page.locator("#cs-keys")).to_contain_text("Start a play or open a task")
    assert visitor.said == []


def test_what_was_done_to_many_is_taken_back_at_once(visitor, alerts):
    visitor.opens("/alerts/")
    page = visitor.page
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("x")
    expect(page.locator("#bulk")).to_contain_text("2 chosen")
    page.locator("#bulk").get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".cs-toast-words")).to_have_text("Acknowledged: 2 alerts")
    expect(page.locator("[data-row]")).to_have_count(1, timeout=SLOW)
    expect(page.locator("#bulk")).to_be_hidden()
    page.click(".cs-toast [data-undo]")
    expect(page.locator("[data-row]")).to_have_count(3, timeout=SLOW)
    page.get_by_role("button", name="Take on all").click()
    expect(page.locator("[data-row]")).to_have_count(1, timeout=SLOW)
    assert [state(alert) for alert in alerts] == ["acknowledged", "acknowledged", "open"]
    assert visitor.said == []


def test_an_alert_opens_beside_the_list_and_is_talked_about_there(visitor, alerts):
    visitor.opens("/alerts/")
    page = visitor.page
    page.get_by_role("link", name="Usage fell 0").click()
    drawer = page.locator("#cs-drawer")
    expect(drawer).to_contain_text("nobody has it")
    drawer.get_by_label("Comment").fill("The admin left.")
    drawer.get_by_role("button", name="Comment").click()
    expect(drawer.locator(".cs-a-said")).to_contain_text("The admin left.", timeout=SLOW)
    drawer.get_by_role("button", name="Acknowledge").click()
    expect(drawer.locator(".cs-a-pills")).to_contain_text("acknowledged", timeout=SLOW)
    page.keyboard.press("Escape")
    expect(page.locator(f"#a{alerts[0].pk}")).to_have_count(0, timeout=SLOW)
    assert visitor.said == []


def test_an_answer_is_heard_though_its_part_would_be_fetched_anew_meanwhile(visitor, alerts):
    visitor.opens(f"/alerts/{alerts[0].pk}/")
    page, held = visitor.page, []
    page.route("**/acknowledge/", lambda route: held.append(route))
    page.get_by_role("button", name="Acknowledge").click()
    page.evaluate("document.dispatchEvent(new CustomEvent('cs:resync'))")
    # Long enough for a fetch that must not happen.
    page.wait_for_timeout(1_500)
    held[0].continue_()
    expect(page.locator(".cs-toast-words")).to_have_text("Acknowledged: Usage fell 0")
    expect(page.locator(".cs-a-pills")).to_contain_text("acknowledged", timeout=SLOW)
    assert visitor.said == []


def test_a_choice_of_what_reaches_me_is_kept_at_once_and_taken_back(visitor, alerts, somebody):
    AlertSubscription.objects.all().delete()
    visitor.opens("/alerts/subscriptions/")
    page = visitor.page
    line = page.locator(".cs-a-sub").first
    line.get_by_label("SMS").select_option("at_once")
    expect(page.locator(".cs-a-week")).to_contain_text("1 SMS at once", timeout=SLOW)
    assert AlertSubscription.objects.get(user=somebody).sms == "at_once"
    page.click(".cs-toast [data-undo]")
    expect(page.locator(".cs-a-week")).not_to_contain_text("SMS", timeout=SLOW)
    assert not AlertSubscription.objects.exists()
    assert visitor.said == []


@pytest.mark.parametrize("path", ["/alerts/", "/alerts/subscriptions/", "one"])
def test_the_pages_are_clean_and_do_not_scroll_sideways_on_a_phone(visitor, alerts, path):
    page = visitor.page
    page.set_viewport_size({"width": 390, "height": 844})
    visitor.opens(f"/alerts/{alerts[0].pk}/" if path == "one" else path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(AXE)
    assert page.evaluate(_SERIOUS) == []
    if path != "/alerts/subscriptions/":
        page.locator("[data-key=s]").first.click()
        expect(page.get_by_text("Why can it wait?").first).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.said == []
