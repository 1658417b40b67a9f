"""Plays in a real browser: one built from nothing by the keyboard, saved, previewed, tried dry, put live; nothing that axe calls serious."""

import re

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import Account, User
from apps.core import clock
from apps.core.actor import Actor
from apps.interventions import library, steps
from apps.interventions import services as interventions
from apps.interventions.models import Play, Rehearsal, StepRecord
from apps.messaging import services as messaging
from tests import make

from .conftest import SLOW, Visitor
from .test_workspace import _SERIOUS, AXE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def company(rows: None, somebody: User) -> None:
    now = clock.now()
    for number in range(3):
        make.contact(make.account(owner=somebody, name=f"Quiet {number}", tier="gold"), name=f"Ada {number}")
    messaging.write_template(key="hello", channel="email", subject="Hello", body="Hi {{ contact.first_name }}", actor=Actor.job("test"), now=now)
    library.ensure(now=now)


def press(page: Page, name: str) -> None:
    """A button by the keyboard alone: focus and Enter."""
    button = page.get_by_role("button", name=name, exact=True).last
    button.focus()
    button.press("Enter")


def choose(page: Page, label: str, words: str) -> None:
    field = page.get_by_label(label, exact=True).first
    field.focus()
    field.select_option(label=words)


def test_a_play_from_nothing_by_the_keyboard(visitor: Visitor, company: None) -> None:
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.opens("/plays/")
    page.get_by_role("link", name="New play").press("Enter")
    page.get_by_label("Name", exact=True).fill("Ask the quiet")
    page.get_by_label("What it is for").fill("To hear from them again.")

    choose(page, "Fact", "tier")
    page.get_by_label("Value").wait_for(timeout=SLOW)
    page.keyboard.press("Tab")
    page.get_by_label("Value").fill("gold")
    expect(page.locator("#consequence")).to_contain_text("3 of 3 customers fit now", timeout=SLOW)

    press(page, "Message")
    expect(page.locator("#p-steps-0-template")).to_be_focused(timeout=SLOW)
    page.keyboard.type("hello")
    press(page, "Wait")
    expect(page.locator("#p-steps-1-minutes")).to_be_focused(timeout=SLOW)
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    press(page, "Task for the CSM")
    expect(page.locator("#p-steps-2-title")).to_be_focused(timeout=SLOW)
    page.keyboard.type("Call them")

    # A wrong step goes, comes back by Undo, and goes again; the focus stays where the work is.
    press(page, "End")
    expect(page.locator("#step-end summary").first).to_be_focused(timeout=SLOW)
    page.locator("#up-end").press("Enter")
    expect(page.locator("#up-end")).to_be_focused(timeout=SLOW)
    expect(page.locator("#step-end")).to_contain_text("3 · End")
    page.locator("#drop-end").press("Enter")
    expect(page.locator("#step-end")).to_have_count(0, timeout=SLOW)
    assert [page.locator(f"#p-steps-{at}-{name}").input_value() for at, name in ((0, "template"), (1, "minutes"), (2, "title"))] == [
        "hello",
        "3",
        "Call them",
    ]

    page.locator("#save").press("Enter")
    page.wait_for_url("**/plays/ask-the-quiet/", timeout=SLOW)
    expect(page.locator(".cs-p-head")).to_contain_text("draft")
    expect(page.locator(".cs-f")).to_contain_text("Wait 3 days")

    page.get_by_role("link", name="Try it").press("Enter")
    expect(page.frame_locator("iframe").first.locator("body")).to_contain_text("Hi Ada", timeout=SLOW)
    page.get_by_role("button", name="Dry-run it").press("Enter")
    expect(page.locator("#rehearsal")).to_contain_text("waits for a worker", timeout=SLOW)
    assert Rehearsal.objects.get().play.key == "ask-the-quiet"
    # The form's own answer is waited for: its words may come from the poll before it, and what is unfolded then would be folded again.
    with page.expect_navigation(timeout=SLOW):
        page.locator("#rehearsal").get_by_role("button", name="Stop").press("Enter")
    expect(page.locator("#rehearsal")).to_contain_text("Stopped before it began", timeout=SLOW)

    page.get_by_text("Change state").press("Enter")
    page.get_by_role("button", name="Put live").press("Enter")
    expect(page.locator(".cs-p-head")).to_contain_text("live", timeout=SLOW)
    play = Play.objects.select_related("current").get(key="ask-the-quiet")
    assert (play.state, [step["kind"] for step in play.current.definition["steps"]]) == ("live", ["message", "wait", "task"])

    # Its accounts enter and take their steps; what it changed cannot be told yet.
    for account in Account.objects.filter(name__startswith="Quiet "):
        interventions.enrol(play, account_id=account.pk, actor=Actor.job("test"), now=clock.now())
    steps.advance(now=clock.now())
    assert StepRecord.objects.filter(enrolment__play=play, kind="message").count() >= 2
    steps.advance(now=clock.now())
    visitor.opens("/plays/ask-the-quiet/?view=runs")
    expect(page.locator(".cs")).to_contain_text("Quiet 1")
    expect(page.locator(".cs")).to_contain_text("running before step 3: Task for the success manager: Call them")
    visitor.opens("/impact/")
    expect(page.locator(".cs")).to_contain_text("Ask the quiet")
    expect(page.locator(".cs")).to_contain_text("cannot tell yet")
    assert visitor.said == []


def test_a_flaw_is_shown_at_its_field_and_nothing_typed_is_lost(visitor: Visitor, company: None) -> None:
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.opens("/plays/save-fading/edit/")
    page.locator("#step-first-wait summary").first.press("Enter")
    page.locator("#p-steps-2-minutes").fill("soon")
    page.locator("#save").press("Enter")
    expect(page.locator("#p-steps-2-minutes")).to_have_attribute("aria-invalid", "true", timeout=SLOW)
    expect(page.locator("#p-steps-2-minutes-flaw")).to_have_text("This needs a number.")
    assert page.locator("#p-steps-2-minutes").input_value() == "soon"
    page.locator("#view-file").press("Enter")
    expect(page.locator("[name=file]")).to_have_value(re.compile('"minutes": "soon"'), timeout=SLOW)
    assert Play.objects.get(key="save-fading").versions.count() == 1


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visitor: Visitor, company: None, width: int, theme: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    found = []
    paths = ["/plays/", "/plays/?q=zebra", "/plays/new/", "/plays/ticket-pain/edit/"]
    paths += [f"/plays/ticket-pain/{more}" for more in ("", "?as=list", "?view=runs&who=Quiet", "?view=try", "?view=versions")]
    for path in paths:
        visitor.opens(path)
        page.evaluate(AXE)
        found += [f"{path} {words}" for words in page.evaluate(_SERIOUS)]
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            found.append(f"{path} is too wide")
    assert found == []
