"""The open page follows the company without a reload, and says so when it cannot."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from apps.accounts.models import Account
from apps.alerts import services as alerts
from apps.alerts.matters import Matter
from apps.alerts.types import Severity
from apps.core import clock
from apps.core.actor import Actor
from tests import make

from .conftest import SLOW, delivered

pytestmark = pytest.mark.browser
ACTOR = Actor.job("test")


@pytest.fixture(scope="module")
def account(rows, somebody) -> Account:
    account = make.account(owner=somebody, name="Riverside Dental")
    make.risk(account, now=clock.now(), probability=0.8)
    return account


def happens(account: Account, title: str) -> None:
    """An alert opens, and its event is delivered as the worker would."""
    now = clock.now()
    with transaction.atomic():
        alerts.open_alert(Matter("test", title, Severity.URGENT, title, ["Because"], account), actor=ACTOR, now=now)
    delivered()


def test_the_board_shows_a_new_alert_without_a_reload(visitor, account):
    visitor.opens("/board/")
    visitor.is_live()
    visitor.page.evaluate("window.sameDocument = true")
    happens(account, "Something new is the matter")
    expect(visitor.page.locator("#b-alerts")).to_contain_text("Something new is the matter", timeout=SLOW)
    expect(visitor.page.locator("#b-feed")).to_contain_text("has a new alert", timeout=SLOW)
    assert visitor.page.evaluate("window.sameDocument") is True
    assert visitor.said == []


def test_every_figures_age_ticks(visitor, account):
    visitor.opens("/board/")
    expect(visitor.page.locator("#b-alerts .cs-asof")).to_contain_text("s ago", timeout=SLOW)


def test_nothing_jumps_when_data_arrives(visitor, account):
    visitor.opens("/board/")
    visitor.is_live()
    visitor.page.evaluate(
        "window.jumped = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.jumped += e.value)).observe({type: 'layout-shift'})"
    )
    happens(account, "One more")
    expect(visitor.page.locator("#b-alerts")).to_contain_text("One more", timeout=SLOW)
    assert visitor.page.evaluate("window.jumped") < 0.1


def test_a_story_being_read_offers_what_is_new_instead_of_moving(visitor, account):
    visitor.opens(f"/accounts/{account.pk}/")
    visitor.is_live()
    happens(account, "New while reading")
    offer = visitor.page.locator(".cs-offer")
    expect(offer).to_be_visible(timeout=SLOW)
    expect(visitor.page.locator("#story")).not_to_contain_text("New while reading")
    offer.click()
    expect(visitor.page.locator("#story")).to_contain_text("New while reading", timeout=SLOW)


def test_the_mark_says_stale_while_the_server_is_away_and_live_when_it_is_back_with_what_was_missed(visitor, site, account):
    visitor.opens("/board/")
    visitor.is_live()
    site.stop("web")
    visitor.page.wait_for_selector("#cs-live[data-state=stale]", timeout=SLOW)
    happens(account, "It happened meanwhile")
    site.start_web()
    visitor.is_live()
    expect(visitor.page.locator("#b-alerts")).to_contain_text("It happened meanwhile", timeout=SLOW)
    visitor.said.clear()


def test_a_session_that_ended_stops_the_line_and_says_what_to_do(visitor, window, site, account):
    visitor.opens("/board/")
    visitor.is_live()
    window.clear_cookies()
    visitor.page.evaluate("window.dispatchEvent(new Event('offline')); window.dispatchEvent(new Event('online'))")
    visitor.page.wait_for_selector("#cs-live[data-state=offline]", timeout=SLOW)
    assert "sign in" in visitor.page.get_attribute("#cs-live", "title")
