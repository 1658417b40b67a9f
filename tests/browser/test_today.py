"""Today, the tasks and a brief in a real browser: closed with a result and put off with a reason by keyboard, and nothing that axe calls serious."""

from datetime import timedelta
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import expect

from apps.accounts.models import Account, Promise
from apps.core import clock
from apps.interventions.models import Task, TaskAssignee, WorkingTime
from tests import make

from .conftest import Visitor

pytestmark = pytest.mark.browser
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
_SERIOUS = """async () => (await axe.run('main, .cs, #main', {resultTypes: ['violations']})).violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes.slice(0, 3).map(node => node.html.slice(0, 140)).join(' | ')}`)"""
EVIL = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>{{7*7}}"


@pytest.fixture(scope="module")
def book(rows, somebody) -> Account:
    """Five accounts with a task each in a day of an hour. The last has an urgent one too, with hostile words, so that others do not fit."""
    now = clock.now()
    # Where it is about eight in the morning now, or the last hour of a day would have less than an hour free.
    ahead = (8 - now.hour + 12) % 24 - 12
    somebody.time_zone = f"Etc/GMT{-ahead:+d}"
    somebody.save(update_fields=["time_zone"])
    WorkingTime.objects.create(user=somebody, days=list(range(7)), begins="00:00", ends="23:59:59", capacity_minutes=60)
    for number, minutes in enumerate((10, 15, 15, 20, 10)):
        account = make.account(owner=somebody, name=f"Customer {number}", arr=50_000 - number * 10_000)
        make.risk(account, now=now, probability=0.6, source="logistic v3")
        make.contact(account, name=f"Person {number}", phone="+1 555 0100", role="champion")
        make.task(account, now=now, title=f"Call customer {number}", minutes=minutes, due_at=now - timedelta(minutes=1))
    evil = make.task(account, now=now, title=EVIL, why=EVIL, evidence=[{"words": EVIL, "about": EVIL}], minutes=5, due_at=now, priority="urgent")
    TaskAssignee.objects.create(task=evil, user=somebody, level="lead", why=EVIL, at=now)
    Task.objects.filter(pk=evil.pk).update(level="lead")
    Promise.objects.create(account=account, text=EVIL, due_on=now.date() - timedelta(days=1), owner=somebody, created_at=now)
    return account


def test_a_task_is_closed_with_a_result_and_put_off_with_a_reason_by_keyboard_alone(visitor: Visitor, book: Account) -> None:
    visitor.opens("/tasks/")
    visitor.is_live()
    page = visitor.page
    page.keyboard.press("j")
    first = page.locator(".cs-selected .cs-name").inner_text()
    page.keyboard.press("e")
    expect(page.locator(".cs-selected form button").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".cs-toast-words")).to_contain_text(f"Done: {first}")
    expect(page.locator(".cs-list")).not_to_contain_text(first)
    closed = Task.objects.get(title=first)
    assert (closed.state, closed.result) == ("done", "no_answer")
    page.click(".cs-toast [data-undo]")
    expect(page.locator(".cs-list")).to_contain_text(first)

    page.keyboard.press("j")
    title = page.locator(".cs-selected .cs-name").inner_text()
    page.keyboard.press("s")
    page.keyboard.press("Escape")
    assert Task.objects.get(title=title).snoozed_until is None
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(page.locator(".cs-toast-words").last).to_contain_text(f"Back in 3 days: {title}")
    expect(page.locator(".cs-list")).not_to_contain_text(title)
    assert Task.objects.get(title=title).snooze_reason == "They asked for another day"
    page.locator(".cs-toast [data-undo]").last.click()
    expect(page.locator(".cs-list")).to_contain_text(title)
    assert visitor.said == []


def test_today_shows_the_plan_takes_on_what_came_up_the_ladder_and_leads_to_a_brief_and_its_note(visitor: Visitor, book: Account) -> None:
    visitor.opens("/")
    visitor.is_live()
    page = visitor.page
    expect(page.locator(".cs-capacity")).to_contain_text("1 h of 1 h free for tasks today")
    expect(page.locator(".cs-work").first).to_contain_text("Customer 4")
    expect(page.locator("#work")).to_contain_text("Does not fit today")
    page.get_by_role("button", name="I have it").click()
    expect(page.locator(".cs-toast-words").last).to_contain_text("You have it")
    expect(page.get_by_role("button", name="I have it")).to_have_count(0)
    page.locator("#work .cs-work", has_text="Customer 0").get_by_role("link", name="Brief").click()
    page.wait_for_url("**/brief/")
    page.get_by_label("Note", exact=True).fill("They stay, and want a training.")
    page.get_by_label("Promise", exact=True).first.fill("Send the training plan")
    page.get_by_label("By which day").first.fill((clock.now() + timedelta(days=3)).date().isoformat())
    page.get_by_role("button", name="Save and close the task").click()
    page.wait_for_url("**/")
    expect(page.locator("body")).to_contain_text("1 promise on your list, closed: Call customer 0")
    assert Task.objects.get(title="Call customer 0").state == "done"
    assert Task.objects.get(title="Send the training plan").reason == "promise"
    assert page.evaluate("window.hacked") is None
    assert visitor.said == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visitor: Visitor, book: Account, width: int, theme: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    for path in ("/", "/tasks/", f"/accounts/{book.pk}/brief/", f"/tasks/{Task.objects.waiting().order_by('pk').latest('pk').pk}/brief/"):
        visitor.opens(path)
        for menu in page.locator("#work details.cs-menu, #list details.cs-menu").all()[:3]:
            menu.evaluate("one => { one.open = true }")
        page.evaluate(AXE)
        assert page.evaluate(_SERIOUS) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert page.evaluate("window.hacked") is None
    assert visitor.said == []
