"""A dashboard built from nothing, by mouse and by keyboard; it moves live, is taken back, shared, hung on a wall and read on a phone."""

from datetime import timedelta
from pathlib import Path

import axe_core_python
import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from apps.accounts.models import Account
from apps.alerts import services as alerts
from apps.alerts.matters import Matter
from apps.alerts.types import Severity
from apps.core import clock
from apps.core.actor import Actor
from apps.dashboards.boards import saving, shipped
from apps.dashboards.models import Dashboard, DashboardDraft
from apps.metrics import services as metrics
from tests import make

from .conftest import SLOW, delivered

pytestmark = pytest.mark.browser
ACTOR = Actor.job("test")
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
_SERIOUS = """async () => (await axe.run('main, .cs, #main', {resultTypes: ['violations']})).violations
    .filter(found => ['serious', 'critical'].includes(found.impact))
    .map(found => found.id + ': ' + found.nodes.map(node => node.html.slice(0, 160)).join(' | '))"""


@pytest.fixture(scope="module")
def account(rows, somebody) -> Account:
    now = clock.now()
    account = make.account(owner=somebody, name="Riverside Dental", plan="Team", started_on=now.date() - timedelta(days=400))
    make.risk(account, now=now, probability=0.8)
    make.risk(make.account(owner=somebody, name="Elm Park Vets", plan="Pro", started_on=now.date() - timedelta(days=100)), now=now, probability=0.2)
    settle()
    shipped.ensure(now=now)
    return account


def settle() -> None:
    """Figures are reckoned and their hints sent, as the worker would."""
    now = clock.now()
    metrics.wake(now=now)
    metrics.refresh(now=now, actor=ACTOR)
    delivered()


def clean(page: Page) -> None:
    page.evaluate(AXE)
    assert page.evaluate(_SERIOUS) == []


def drawn(page: Page) -> None:
    page.wait_for_function("document.querySelectorAll('.bd-w[aria-busy=true]').length === 0 && document.querySelector('.bd-w')", timeout=SLOW)


def test_a_dashboard_is_built_by_mouse(visitor, account):
    page = visitor.page
    visitor.opens("/dashboards/new/")
    page.fill("#board-name", "By mouse")
    page.click(".bd-tools [data-add]")
    page.click("[data-kind=figure]")
    expect(page.locator(".bd-look .bd-figure")).to_have_text("$24.0k")
    page.click("text=Add Figure")
    page.click(".bd-tools [data-add]")
    page.click("[data-kind=bar]")
    page.click("text=Add Bars")
    expect(page.locator("#panel .bd-consequence")).to_contain_text("2 bars")
    page.select_option("#panel [name=metric0]", "customers")
    expect(page.locator("#panel .bd-consequence")).to_contain_text("Accounts that are customers")
    box = page.locator(".grid-stack-item[data-widget=w2] .bd-grip").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 420, steps=12)
    page.mouse.up()
    page.click(".bd-tools [data-add]")
    page.click("[data-kind=text]")
    page.click("text=Add Text")
    page.click("#panel >> text=Take away")
    expect(page.locator(".grid-stack-item")).to_have_count(2)
    page.click(".cs-toast [data-undo]")
    expect(page.locator(".grid-stack-item")).to_have_count(3)
    expect(page.locator("#kept")).to_have_text("Draft kept")
    page.click("[data-save]")
    page.wait_for_selector(".bd-head")
    drawn(page)
    board = Dashboard.objects.get(name="By mouse")
    assert [(one["kind"], one["metrics"]) for one in board.current.says["widgets"] if one["metrics"]] == [("figure", ["arr"]), ("bar", ["customers"])]
    expect(page.locator(".bd-of-figure .bd-figure")).to_have_text("$24.0k")
    assert not DashboardDraft.objects.exists()
    assert visitor.said == []


def test_a_dashboard_is_built_by_keyboard_alone(visitor, account):
    page, keys = visitor.page, visitor.page.keyboard
    visitor.opens("/dashboards/new/")
    expect(page.locator("#board-name")).to_be_focused()
    keys.type("By keyboard")
    keys.press("Tab")
    keys.press("Tab")
    expect(page.locator(".bd-tools [data-add]")).to_be_focused()
    for _ in range(2):
        keys.press("a")
        expect(page.locator("[data-kind=figure]")).to_be_focused()
        keys.press("Enter")
        expect(page.locator("text=Add Figure")).to_be_focused()
        keys.press("Enter")
        expect(page.locator(".grid-stack-item").last).to_be_focused()
    second = page.locator(".grid-stack-item[data-widget=w2]")
    expect(second).to_have_attribute("aria-label", "ARR: column 4, row 1, 3 wide, 2 high")
    keys.press("ArrowRight")
    keys.press("Shift+ArrowRight")
    keys.press("Shift+ArrowDown")
    expect(second).to_have_attribute("aria-label", "ARR: column 5, row 1, 4 wide, 3 high")
    keys.press("Control+z")
    expect(second).to_have_attribute("aria-label", "ARR: column 5, row 1, 4 wide, 2 high")
    second.focus()
    keys.press("Enter")
    expect(page.locator("#panel input").first).to_be_focused()
    keys.type("My ARR")
    keys.press("Escape")
    expect(second).to_be_focused()
    keys.press("Control+s")
    page.wait_for_selector(".bd-head")
    board = Dashboard.objects.get(name="By keyboard")
    assert [(one["title"], one["x"], one["w"], one["h"]) for one in board.current.says["widgets"]] == [("", 0, 3, 2), ("My ARR", 4, 4, 2)]
    assert visitor.said == []


def test_it_moves_live_without_a_reload_and_nothing_jumps(visitor, account, somebody):
    widgets = [{"kind": "figure", "metrics": ["arr"]}, {"kind": "alerts", "x": 4}, {"kind": "feed", "x": 8}]
    board = saving.create(somebody, {"name": "Live", "widgets": widgets}, now=clock.now())
    page = visitor.page
    visitor.opens(f"/dashboards/{board.pk}/")
    visitor.is_live()
    drawn(page)
    page.evaluate(
        "window.jumped = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.jumped += e.value)).observe({type: 'layout-shift'})"
    )
    before = page.locator(".bd-of-figure .bd-figure").inner_text()
    make.account(owner=somebody, arr=76_000)
    settle()
    expect(page.locator(".bd-of-figure .bd-figure")).not_to_have_text(before, timeout=SLOW)
    now = clock.now()
    with transaction.atomic():
        alerts.open_alert(Matter("test", "It happened", Severity.URGENT, "It happened", ["Because"], account), actor=ACTOR, now=now)
    delivered()
    expect(page.locator(".bd-of-alerts")).to_contain_text("It happened", timeout=SLOW)
    assert page.evaluate("window.jumped") < 0.02
    assert visitor.said == []


def test_a_save_is_taken_back_from_its_toast_and_whoever_was_slower_is_told(visitor, account, somebody):
    board = saving.create(somebody, {"name": "First name", "widgets": []}, now=clock.now())
    page = visitor.page
    visitor.opens(f"/dashboards/{board.pk}/edit/")
    saving.save(board, {"name": "Faster", "widgets": []}, user=make.user(), seen=1, now=clock.now())
    page.fill("#board-name", "Slower")
    page.click("[data-save]")
    expect(page.locator("#refused")).to_contain_text("saved version 2 meanwhile")
    visitor.said.clear()
    page.click("text=Save on top")
    page.wait_for_selector(".bd-head")
    expect(page.locator(".cs-toast-words")).to_contain_text("Saved as version 3")
    page.click(".cs-toast [data-undo]")
    expect(page.locator(".bd-head .cs-h")).to_have_text("Faster")
    assert visitor.said == []


def test_a_link_is_made_and_closed(visitor, account, somebody):
    board = saving.create(somebody, {"name": "Shared", "widgets": []}, now=clock.now())
    page = visitor.page
    visitor.opens(f"/dashboards/{board.pk}/")
    page.click("#share summary")
    page.click("text=Make a link")
    address = page.locator(".bd-links input[readonly]").input_value()
    assert address.startswith(f"{visitor.url}/dashboards/shared/")
    page.click(".bd-links >> text=Close")
    expect(page.locator(".bd-share")).to_contain_text("No link is open")
    assert page.goto(address).status == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_is_clean_and_nothing_scrolls_sideways(visitor, account, scheme, width):
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for board in Dashboard.objects.exclude(key=None).order_by("pk"):
        visitor.opens(f"/dashboards/{board.pk}/")
        drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, board.name
        clean(page)
    for path in ("/dashboards/", f"/dashboards/{board.pk}/edit/", f"/dashboards/{board.pk}/history/", f"/dashboards/{board.pk}/wall/"):
        visitor.opens(path)
        page.wait_for_timeout(600)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        clean(page)
    assert visitor.said == []


def test_on_a_phone_widgets_stand_in_reading_order(visitor, account):
    page = visitor.page
    page.set_viewport_size({"width": 390, "height": 844})
    board = Dashboard.objects.get(key="my-team")
    visitor.opens(f"/dashboards/{board.pk}/")
    drawn(page)
    tops = page.evaluate("[...document.querySelectorAll('.bd-w')].map(el => el.getBoundingClientRect().top)")
    assert tops == sorted(tops)
    visitor.opens(f"/dashboards/{board.pk}/edit/")
    places = "[...document.querySelectorAll('.grid-stack-item')].map(el => [el.getBoundingClientRect().top, el.dataset.widget])"
    assert [name for _, name in sorted(page.evaluate(places))] == [one["id"] for one in board.current.says["widgets"]]
    visitor.opens(f"/dashboards/{board.pk}/")
    assert len({round(left) for left in page.evaluate("[...document.querySelectorAll('.bd-w')].map(el => el.getBoundingClientRect().left)")}) == 1


def test_a_widget_is_a_table_and_a_picture_too(visitor, account):
    page = visitor.page
    board = Dashboard.objects.get(key="executive")
    visitor.opens(f"/dashboards/{board.pk}/")
    drawn(page)
    bars = page.locator(".bd-of-bar").first
    bars.locator("summary").click()
    with page.expect_download() as download:
        bars.locator("[data-act=png]").click()
    assert download.value.suggested_filename == "executive-arr-by-plan.png"
    assert page.evaluate("csPicture.picture(document.querySelector('.bd-of-bar')).width") > 400
    bars.locator("summary").click()
    bars.locator("[data-act=table]").click()
    expect(bars.locator(".bd-table")).to_contain_text("Team")


def test_an_error_says_so_in_the_same_box_and_is_tried_again(visitor, account):
    page = visitor.page
    board = Dashboard.objects.get(key="now")
    page.route("**/data/*", lambda route: route.fulfill(status=500, body="no"))
    visitor.opens(f"/dashboards/{board.pk}/")
    expect(page.locator(".bd-state").first).to_contain_text("The server did not answer", timeout=SLOW)
    size = page.locator(".bd-w").first.bounding_box()
    page.unroute("**/data/*")
    page.locator(".bd-state button").first.click()
    expect(page.locator(".bd-w").first.locator(".bd-bands")).to_be_visible(timeout=SLOW)
    assert page.locator(".bd-w").first.bounding_box() == size
