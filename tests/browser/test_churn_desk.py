"""The churn desk in a real browser with a real worker: define, count, train, read the card, go back, promote, and ask Why? down to a raw event."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import Account, User
from apps.churn.models import AccountRisk, ChurnDefinition, ModelVersion, Prediction, TrainingRun
from apps.core import clock
from tests import make
from tests.churn import worlds
from tests.product import Product, running, wait_for

from .conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
DAY = timedelta(days=1)
# A training of the small company takes seconds; a machine that does much else gets a minute.
LEARNING = 60_000


@pytest.fixture(scope="module")
def site(rows: None) -> Iterator[Product]:
    """The web process and, from the first training on, a worker and the beat: the pages are open before anybody could work."""
    with running(worker=False) as product:
        yield product


@pytest.fixture(scope="module")
def fading(rows: None, somebody: User) -> Account:
    """One customer of a small company, with raw events behind its figures, that uses the product less and less, as those did who left."""
    now = clock.now()
    worlds.company(now.date())
    account = make.account(owner=somebody, name="Fading Dental", arr=24_000, started_on=now.date() - 200 * DAY)
    make.weeks_of_use(account, until=now - 35 * DAY, weeks=20, per_week=4)
    make.weeks_of_use(account, until=now - 12 * DAY, weeks=2, per_week=1)
    return account


def narrow_enough(page: Page, width: int = 390) -> bool:
    """On a phone nothing reaches beyond the right edge; the window is given back as it was."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 844})
    fits = page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.set_viewport_size(before or {"width": 1440, "height": 900})
    return bool(fits)


def test_from_a_meaning_to_a_raw_event(visitor: Visitor, site: Product, fading: Account) -> None:
    page = visitor.page
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))

    _defines(visitor)
    _trains(visitor, site)
    _reads_the_card(visitor)
    _goes_back_and_promotes(visitor, asked)
    _asks_why(visitor, fading)
    assert visitor.said == []


def _defines(visitor: Visitor) -> None:
    """The counts follow what is typed, before anything is stored."""
    page = visitor.page
    visitor.opens("/churn/")
    expect(page.get_by_text("Nobody has said yet what leaving means")).to_be_visible()
    page.locator("main, #main").get_by_role("link", name="Define churn").first.click()
    page.get_by_label("Name").fill("leaving")
    page.get_by_label("Days ahead").fill("30")
    meant = page.locator("#define")
    expect(meant).to_contain_text("the customer cancels within the next 30 days")
    expect(meant.locator(".cs-c-counts")).to_contain_text("of 301")
    expect(meant).to_contain_text("enough to try")
    page.get_by_text("Pages, plays and alerts speak of this one").click()
    assert not ChurnDefinition.objects.exists()
    assert narrow_enough(page)
    page.get_by_role("button", name="Define").click()
    expect(page.locator("#verdict")).to_contain_text("The weighted rule scores")
    assert ChurnDefinition.objects.get().is_default


def _trains(visitor: Visitor, site: Product) -> None:
    """The page waits for a worker, follows it by itself, and ends with what came of it."""
    page = visitor.page
    page.get_by_role("button", name="Train", exact=True).click()
    training = page.locator("#runs")
    expect(training.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "0")
    expect(training).to_contain_text("Waiting for a worker")
    assert narrow_enough(page)
    page.evaluate("window.sameDocument = true")
    site.start_beat()
    site.start_worker()
    expect(training).to_contain_text("Put to work.", timeout=LEARNING)
    expect(training.get_by_role("progressbar")).to_have_count(0)
    assert page.evaluate("window.sameDocument") is True
    assert TrainingRun.objects.get().state == "done"
    training.get_by_role("link", name="Show what it found").click()
    expect(page.locator("#verdict")).to_contain_text("ranks leavers")


def _reads_the_card(visitor: Visitor) -> None:
    """Every figure stands beside what is had for nothing, every picture beside its table."""
    page = visitor.page
    page.get_by_role("link", name="Model card").click()
    expect(page.get_by_text("Put to work. Proved on later dates").first).to_be_visible()
    for figure, beside in (("auc", "by chance 0.50"), ("accuracy", "nobody leaves")):
        expect(page.locator(f"#figure-{figure}")).to_contain_text(beside)
    for picture in ("reliability", "gain", "precision"):
        shown = page.locator(f"#picture-{picture}")
        expect(shown.locator("svg[role=img]")).to_be_visible()
        shown.get_by_text("The figures behind it").click()
        assert shown.locator("tbody tr").count() > 1
    expect(page.get_by_role("heading", name="What it does not know")).to_be_visible()
    assert narrow_enough(page)


def _goes_back_and_promotes(visitor: Visitor, asked: list[str]) -> None:
    """One click back to the rule, one click forward to the model; each says first what it does."""
    page = visitor.page
    learned = ModelVersion.objects.get(is_live=True)
    page.get_by_role("link", name=re.compile("Churn desk, leaving")).click()
    page.get_by_role("button", name="Roll back to rule v1").click()
    expect(page.locator("#verdict")).to_contain_text("The weighted rule scores")
    assert ModelVersion.objects.get(is_live=True).kind == "rule"
    version = page.locator(".cs-h-versions li", has=page.get_by_role("link", name=str(learned)))
    version.get_by_role("button", name="Challenge").click()
    expect(page.locator("#rollout")).to_contain_text(f"{learned} scores no account for people to see.")
    version.get_by_role("button", name="Promote").click()
    expect(page.locator("#verdict")).to_contain_text("ranks leavers")
    assert ModelVersion.objects.get(is_live=True) == learned
    assert [words.rpartition(". ")[2] for words in asked] == ["Go back?", "Let it challenge?", "Put it to work?"]
    assert narrow_enough(page)


def _asks_why(visitor: Visitor, account: Account) -> None:
    """The score of the model that was promoted, its reasons, the rows behind one, and a dial."""
    page = visitor.page
    by_model = Prediction.objects.filter(account=account, model__is_live=True)
    # Promoting scores everybody, and what came in meanwhile is scored after that.
    waiting = AccountRisk.objects.filter(stale_since__isnull=False)
    wait_for(lambda: by_model.exists() and not waiting.exists(), what="scores by the promoted model")
    stored = by_model.count()
    visitor.opens(f"/accounts/{account.pk}/?tab=risk")
    expect(page.locator(".cs-w-verdict")).to_contain_text("%")
    answer = page.locator("#supposed")
    expect(answer).to_contain_text("As things are")
    page.locator(".cs-w-dials input[type=range]:visible").first.focus()
    page.keyboard.press("End")
    expect(answer.locator(".cs-w-changed li")).not_to_have_count(0)
    assert by_model.count() == stored
    assert narrow_enough(page)
    reason = page.locator(".cs-w-reasons li", has_text=re.compile("action|activ", re.IGNORECASE)).first
    reason.locator("summary").click()
    rows = reason.locator(".cs-h-facts").first
    expect(rows.get_by_role("link").first).to_be_visible()
    with page.expect_navigation():
        rows.get_by_role("link").first.click()
    assert "/admin/accounts/activityevent/" in page.url
    expect(page.locator("#content, main").first).to_contain_text("login")
