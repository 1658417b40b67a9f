"""Milestones in a real browser: a path designed by the keyboard, an account's path, and a customer's page that moves while it is open."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from apps.accounts.models import Account, User
from apps.core import clock
from apps.milestones import selectors, services
from apps.milestones.models import CatalogueItem, Milestone, Progress, Redemption
from tests import make
from tests.milestones import rewarding
from tests.product import wait_for

from .conftest import SLOW, Visitor, delivered
from .test_workspace import _SERIOUS, AXE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def company(rows: None, somebody: User) -> Account:
    """Two live milestones; one account near the first, one stuck with it."""
    now = clock.now()
    make.milestone(
        "first-report",
        words={
            "en": {"name": "Share five reports", "text": "Let others see what you see.", "hint": "Begin with the weekly one."},
            "de": {"name": "Fünf Berichte teilen", "text": "Lassen Sie andere sehen, was Sie sehen.", "hint": "Beginnen Sie mit dem wöchentlichen."},
        },
        variants=[{"key": "gentle", "factor": 0.7}, {"key": "standard", "factor": 1.0}],
    )
    make.milestone(
        "team-decides", needs=["first-report"], criteria={"manual": {"proof": "A decision that was made with it"}}, value="They decide by it."
    )
    account = make.account(name="Riverside Dental", owner=somebody, started_on=(now - timedelta(days=20)).date(), arr=24_000)
    stuck = make.account(name="Hillside Clinic", owner=somebody, started_on=(now - timedelta(days=90)).date(), arr=9_000)
    make.contact(account, name="Sam Reed", email="sam@customer.test")
    make.activity(account, *[now - timedelta(days=day) for day in range(4, 8)], name="report.shared")
    services.evaluate([account.pk, stuck.pk], now=now, actor=make.ACTOR)
    services.judge_pace(now=now, actor=make.ACTOR)
    services.offer_next(account_ids=[account.pk, stuck.pk], now=now, actor=make.ACTOR)
    return account


def in_a_thread(work) -> None:
    """As the worker would, in a thread without Playwright's loop."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


@pytest.fixture
def customer(chromium, site) -> Iterator[Page]:
    """A customer's own browser: nobody is signed in."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="de-DE")
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.said.append(str(error)))
    yield page
    context.close()


def test_a_path_is_designed_by_the_keyboard_kept_and_published(visitor: Visitor, company: Account) -> None:
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.opens("/milestones/")
    page.get_by_role("link", name="Design the path").press("Enter")
    page.get_by_label("Name, for staff").fill("Invite the team")
    page.get_by_label("What it is worth to the customer").fill("More than one person decides by it.")
    kind = page.get_by_label("What", exact=True).first
    kind.focus()
    kind.select_option(label="they do something so often")
    expect(page.locator("#m-criteria-rows-0-name")).to_be_visible(timeout=SLOW)
    page.locator("#m-criteria-rows-0-name").fill("report.shared")
    page.locator("#m-criteria-rows-0-at_least").fill("3")
    page.locator("#m-en-text").fill("Ask three colleagues in.")
    expect(page.locator("#consequence")).to_contain_text("of 2 customers would have reached it in the last 90 days", timeout=SLOW)
    page.get_by_label("Share five reports").or_(page.get_by_label("First-report")).first.check()
    expect(page.locator(".cs-m-line.cs-m-new")).to_have_count(1, timeout=SLOW)
    page.locator("#keep").press("Enter")
    page.wait_for_url("**/milestones/design/?draft=*", timeout=SLOW)
    assert not Milestone.objects.filter(key="invite-the-team").exists()

    page.locator("#m-en-text").fill("Ask three colleagues in this week.")
    page.locator("#publish").press("Enter")
    page.wait_for_url("**/milestones/invite-the-team/", timeout=SLOW)
    expect(page.locator(".cs-p-head")).to_contain_text("live")
    expect(page.locator(".cs")).to_contain_text("“report.shared” 3 times")
    made = Milestone.objects.select_related("current").get(key="invite-the-team")
    assert (made.state, made.current.definition["needs"]) == ("live", ["first-report"])
    assert made.current.definition["words"]["en"]["text"] == "Ask three colleagues in this week."
    assert visitor.said == []


def test_a_flaw_stands_at_its_field_and_nothing_typed_is_lost(visitor: Visitor, company: Account) -> None:
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.opens("/milestones/design/first-report/")
    page.locator("#m-criteria-rows-0-at_least").fill("many")
    page.locator("#publish").press("Enter")
    expect(page.locator(".cs-error")).to_contain_text("Nothing was stored", timeout=SLOW)
    assert page.locator("#m-criteria-rows-0-at_least").input_value() == "many"
    expect(page.locator(".cs-b-flaw").first).to_be_visible()
    assert Milestone.objects.get(key="first-report").versions.count() == 1


def test_a_customer_sees_a_milestone_reached_while_the_page_is_open(visitor: Visitor, customer: Page, company: Account, site) -> None:
    visitor.opens("/milestones/")
    visitor.is_live()
    expect(visitor.page.locator("#list")).to_contain_text("Riverside Dental")
    sam = company.contacts.get()
    answer = customer.goto(f"{site.url}/c/path/{selectors.path_token(sam, now=clock.now())}")
    assert answer is not None
    assert answer.status == 200
    expect(customer.locator("h1")).to_have_text("Der Weg von Riverside Dental")
    expect(customer.locator(".next")).to_contain_text("Fünf Berichte teilen")
    expect(customer.locator("body[data-live=yes]")).to_have_count(1, timeout=SLOW)

    def shared() -> None:
        make.activity(company, clock.now(), clock.now() - timedelta(seconds=1), name="report.shared")
        delivered()
        services.evaluate_stale(now=clock.now(), actor=make.ACTOR)
        delivered()

    in_a_thread(shared)
    wait_for(lambda: Progress.objects.filter(account=company, milestone__key="first-report", state="achieved").exists())
    expect(customer.locator("#news")).to_contain_text("Gerade erreicht: Fünf Berichte teilen", timeout=SLOW)
    expect(customer.locator("li.reached.fresh[data-reached=first-report]")).to_be_visible()
    # The staff's board moves too: what it opened stands there now.
    expect(visitor.page.locator("#list")).to_contain_text("Team-decides", timeout=SLOW)
    assert customer.said == []


@pytest.mark.parametrize(("language", "title"), [("en", "The path of Riverside Dental"), ("de", "Der Weg von Riverside Dental")])
def test_the_customers_page_at_390_px_in_two_languages(customer: Page, company: Account, site, language: str, title: str) -> None:
    sam = company.contacts.get()
    for theme in ("light", "dark"):
        customer.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        customer.goto(f"{site.url}/c/path/{selectors.path_token(sam, now=clock.now())}?lang={language}")
        expect(customer.locator("h1")).to_have_text(title)
        assert customer.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        # The page's own policy lets nothing in from outside, so axe comes in through the debugger.
        customer.evaluate(AXE)
        assert customer.evaluate(_SERIOUS) == []
    assert customer.said == []


def test_a_customer_asks_for_something_and_staff_hand_it_over(visitor: Visitor, customer: Page, company: Account, site) -> None:
    now, sam = clock.now(), company.contacts.get()
    milestone = rewarding.milestone()
    rewarding.rule(now, amount=100)
    rewarding.budget(now)
    row = rewarding.reached(company, milestone, at=now)
    services.write_item(key="workshop", fields={"name": "A workshop", "cost": Decimal(80), "stock": 3}, actor=make.ACTOR, now=now)
    services.for_milestone(progress_id=row.pk, actor=make.ACTOR, now=now)
    customer.goto(f"{site.url}/c/path/{selectors.path_token(sam, now=now)}?lang=en")
    assert rewarding.has(company) == 100
    customer.get_by_role("button", name="A workshop").click()
    expect(customer.locator("#rewards")).to_contain_text("20", timeout=SLOW)
    asked = Redemption.objects.get(account=company)
    assert (asked.state, asked.contact, rewarding.has(company), rewarding.has(company, "reserved")) == ("asked", sam, 20, 80)
    # The page that came back asks for nothing again when it is loaded once more.
    customer.reload()
    assert Redemption.objects.count() == 1

    visitor.opens("/rewards/")
    card = visitor.page.locator("#redemptions, main, #main").get_by_text("Riverside Dental").first
    expect(card).to_be_visible(timeout=SLOW)
    visitor.page.get_by_role("button", name="Handed over").first.click()
    wait_for(lambda: Redemption.objects.filter(pk=asked.pk, state="handed_over").exists())
    assert (rewarding.has(company, "reserved"), CatalogueItem.objects.get(key="workshop").stock) == (0, 2)
    assert customer.said == []


def test_staff_mark_a_milestone_reached_with_proof_on_the_accounts_path(visitor: Visitor, company: Account) -> None:
    page = visitor.page
    visitor.opens(f"/accounts/{company.pk}/?tab=path")
    visitor.is_live()
    step = page.locator("#step-team-decides")
    step.get_by_text("Mark as reached").first.click()
    step.get_by_label("What shows it").fill("The board’s minutes")
    step.get_by_role("button", name="Mark as reached").click()
    expect(page.locator(".cs-toast-words").first).to_have_text("Reached: Team-decides", timeout=SLOW)
    in_a_thread(delivered)
    expect(page.locator("#step-team-decides")).to_contain_text("a person, with proof", timeout=SLOW)
    assert visitor.said == []


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visitor: Visitor, company: Account, width: int, theme: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    found = []
    paths = ["/milestones/", "/milestones/?pace=behind", "/milestones/?plan=none", "/milestones/design/", "/milestones/design/first-report/"]
    paths += [f"/milestones/first-report/{more}" for more in ("", "?view=takes", "?view=versions")] + [f"/accounts/{company.pk}/?tab=path"]
    for path in paths:
        visitor.opens(path)
        page.evaluate(AXE)
        found += [f"{path} {words}" for words in page.evaluate(_SERIOUS)]
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            found.append(f"{path} is too wide")
    assert found == []
    assert visitor.said == []
