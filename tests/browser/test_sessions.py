"""A coaching session run in two browsers, and its pages in both lights and at the width of a telephone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from axe_core_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Route, expect

from apps.coaching import services as coaching
from apps.coaching.models import Session
from apps.core import clock
from apps.interventions.models import Task
from apps.messaging import services as messaging
from tests import make

from .conftest import SLOW, Visitor, delivered, listen

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def session(rows, somebody) -> Session:
    """One that both coaches are about to begin."""
    now = clock.now()
    coaching.ensure_strategies()
    messaging.ensure_templates(now=now)
    account = make.account(owner=somebody, name="Riverside Dental", seats=20, seats_used=9)
    make.weeks_of_use(account, until=now, weeks=6, per_week=3, name="report.viewed")
    person = make.contact(account, name="Dana Reed")
    make.risk(account, now=now, probability=0.8)
    session = coaching.propose(account, coach=somebody, contact=person, topic="Reports that are read", strategy="plan", actor=make.ACTOR, now=now)
    coaching.accept(session, actor=make.ACTOR, now=now)
    coaching.schedule(session, starts_at=now + timedelta(seconds=1), actor=make.ACTOR, now=now, place="https://meet.example/1")
    make.session(make.account(owner=somebody, name="Fir Yoga"), now=now)
    return session


@pytest.fixture
def colleague(chromium, site, session) -> Iterator[Visitor]:
    """Somebody else's browser."""
    client = Client()
    client.force_login(make.user(None, is_superuser=True, email=f"lena{clock.now():%f}@staff.test"))
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site.url}])
    other = Visitor(context.new_page(), site.url)
    listen(other)
    yield other
    context.close()


@pytest.fixture
def live(session, somebody) -> Session:
    """One that is going on."""
    return make.session(session.account, now=clock.now(), coach=somebody, state="live", ended_at=None)


def test_two_run_a_session_in_two_browsers(visitor, colleague, session):
    path = f"/coaching/sessions/{session.pk}/"
    for one in (visitor, colleague):
        one.opens(path)
        one.is_live()
    expect(visitor.page.locator(".cs-s-people li")).to_have_count(2, timeout=SLOW)
    expect(colleague.page.locator(".cs-s-people")).to_contain_text("You")
    visitor.page.get_by_role("button", name="Begin").click()
    expect(visitor.page.locator(".cs-s-timer")).to_contain_text("of 30 min", timeout=SLOW)
    delivered()
    expect(colleague.page.locator(".cs-s-timer")).to_contain_text("of 30 min", timeout=SLOW)

    visitor.page.locator("#s-notes").fill("They look at reports on Mondays.")
    expect(visitor.page.locator("#s-saved")).to_have_text("saved", timeout=SLOW)
    delivered()
    expect(colleague.page.locator("#s-notes")).to_have_value("They look at reports on Mondays.", timeout=SLOW)

    # Both write at once: whoever saves second sees both texts, and nothing is lost.
    held: list[Route] = []
    visitor.page.route("**/write/", lambda route: held.append(route))
    colleague.page.locator("#s-notes").fill("Colleague: the film helps.")
    visitor.page.locator("#s-notes").fill("Maya: two seats are free.")
    expect(colleague.page.locator("#s-saved")).to_have_text("saved", timeout=SLOW)
    expect(visitor.page.locator("#s-saved")).to_have_text("saving …", timeout=SLOW)
    held[0].continue_()
    visitor.page.unroute("**/write/")
    expect(visitor.page.locator("#s-conflict")).to_be_visible(timeout=SLOW)
    expect(visitor.page.locator("[data-theirs]")).to_have_text("Colleague: the film helps.")
    visitor.page.get_by_role("button", name="Keep both, theirs first").click()
    expect(visitor.page.locator("#s-saved")).to_have_text("saved", timeout=SLOW)
    session.refresh_from_db()
    assert session.notes == "Colleague: the film helps.\nMaya: two seats are free."

    colleague.page.get_by_label("They will").fill("look at the weekly report every Monday")
    colleague.page.get_by_label("Which activity").select_option("report.viewed")
    colleague.page.get_by_role("button", name="Agree").click()
    expect(colleague.page.locator("#s-goal")).to_contain_text("At least 2 times a week “report.viewed”", timeout=SLOW)
    colleague.page.locator("body").click(position={"x": 5, "y": 5})
    delivered()
    expect(visitor.page.locator("#s-goal")).to_contain_text("look at the weekly report every Monday", timeout=SLOW)

    visitor.page.locator("#s-confidence").fill("6")
    visitor.page.locator("#s-confidence").dispatch_event("change")
    expect(visitor.page.locator(".cs-s-hint")).to_be_visible()
    visitor.page.locator(".cs-s-promise [name=promise]").fill("Send the film")
    visitor.page.locator(".cs-s-promise [name=due]").fill(f"{clock.now() + timedelta(days=5):%Y-%m-%d}")
    visitor.page.locator(".cs-s-promise button").click()
    expect(visitor.page.locator("#s-promises")).to_contain_text("Send the film", timeout=SLOW)
    assert Task.objects.filter(reason="promise", title="Send the film").exists()

    visitor.page.get_by_role("button", name="End the session").click()
    expect(visitor.page.get_by_role("button", name="Send the follow-up")).to_be_visible(timeout=SLOW)
    visitor.page.get_by_role("button", name="Send the follow-up").click()
    expect(visitor.page.get_by_text("Followed up.")).to_be_visible(timeout=SLOW)
    expect(visitor.page.locator("#s-after")).to_contain_text("Day 7", timeout=SLOW)
    # What the server could not answer when it was told of is asked for again.
    colleague.page.route("**/notes/", lambda route: route.fulfill(status=503))
    delivered()
    expect(colleague.page.locator("#s-after")).to_contain_text("Day 30", timeout=SLOW)
    colleague.page.wait_for_timeout(1500)
    expect(colleague.page.locator("#s-notes")).not_to_have_attribute("readonly", "")
    colleague.page.unroute("**/notes/")
    expect(colleague.page.locator("#s-notes")).to_have_attribute("readonly", "", timeout=SLOW)
    session.refresh_from_db()
    assert (session.state, session.confidence) == ("follow_up", 6)
    # What it changed cannot be told of one session, and the page of effects says so.
    visitor.opens("/coaching/effect/")
    expect(visitor.page.locator("main, #main").first).to_contain_text("Sessions: Cannot tell yet", timeout=SLOW)
    # A refused save is answered with 409, which the browser itself writes down, as it does our 503.
    assert [line for line in (*visitor.said, *colleague.said) if "409" not in line and "503" not in line] == []


def test_notes_typed_while_signed_out_are_saved_once_somebody_signs_in_again(visitor, somebody, live):
    visitor.opens(f"/coaching/sessions/{live.pk}/")
    visitor.page.locator("#s-notes").fill("Said while signed in.")
    expect(visitor.page.locator("#s-saved")).to_have_text("saved")
    other = visitor.in_another_tab()
    other.signs_out()
    visitor.page.locator("#s-notes").fill("Said while signed in. And while signed out.")
    expect(visitor.page.locator("#s-saved")).to_contain_text("you are signed out")
    live.refresh_from_db()
    assert live.notes == "Said while signed in."
    other.signs_in(somebody)
    expect(visitor.page.locator("#s-saved")).to_have_text("saved")
    live.refresh_from_db()
    assert live.notes == "Said while signed in. And while signed out."


def test_notes_that_are_refused_are_sent_once_and_say_why(visitor, live):
    # It does not learn by itself how the session stands.
    visitor.page.route("**/notes/", lambda route: route.fulfill(status=503))
    visitor.opens(f"/coaching/sessions/{live.pk}/")
    sent: list[str] = []
    visitor.page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/write/") else None)
    Session.objects.filter(pk=live.pk).update(state="follow_up")
    visitor.page.locator("#s-notes").fill("Too late.")
    expect(visitor.page.locator("#s-saved")).to_contain_text("nothing is written in it any more")
    visitor.page.wait_for_timeout(2500)
    assert len(sent) == 1
    Session.objects.filter(pk=live.pk).update(state="live")
    visitor.page.locator("#s-notes").fill("In time.")
    expect(visitor.page.locator("#s-saved")).to_have_text("saved")
    assert len(sent) == 2


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_the_pages_of_coaching_fit_are_quiet_and_open_to_everybody(visitor, session, width, scheme):
    visitor.page.set_viewport_size({"width": width, "height": 900})
    visitor.page.emulate_media(color_scheme=scheme)
    troubles = {}
    paths = ("", "?view=awaited", f"{session.pk}/", "new/", f"new/?account={session.account_id}")
    for path in (*(f"/coaching/sessions/{one}" for one in paths), "/coaching/team/", "/coaching/effect/"):
        visitor.opens(path)
        visitor.is_live()
        assert visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        found = [one for one in Axe().run(visitor.page)["violations"] if one["impact"] in ("serious", "critical")]
        if found:
            troubles[path] = [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
    assert troubles == {}
    assert visitor.said == []
