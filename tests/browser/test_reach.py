"""Segments and campaigns in a real browser: built from nothing by the keyboard, the consequence seen, launched, watched live, the result read."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import Account, User
from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, Recipient, Segment
from apps.core import clock
from apps.messaging.models import Message
from tests import make

from .conftest import SLOW, Visitor, delivered
from .test_workspace import _SERIOUS, AXE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
GOAL = {"reached": {"kind": "activity", "name": "report.viewed"}}


@pytest.fixture(scope="module")
def company(rows: None, somebody: User) -> None:
    now = clock.now()
    past = now - timedelta(days=40)
    for number in range(40):
        account = make.account(owner=somebody, name=f"Riverside {number}", tier="gold" if number < 30 else "silver", arr=1_000 * number)
        make.contact(account, name=f"Ada {number}", email="" if number == 29 else f"ada{number}@x.test", locale="de" if number % 3 == 0 else "en")
    for locale in ("en", "de"):
        make.news(locale=locale, subject=f"News ({locale})", body="Hello {{ contact.first_name }}: {{ blocks.offer }}")
    make.segment("everybody", {"kind": "everybody"}, now=past, name="Everybody")
    blocks = {"offer": [{"words": {"en": "Reports", "de": "Berichte"}}]}
    says = {"segment": "everybody", "holdout_percent": 25, "goal": GOAL, "window_days": 14, "blocks": blocks}
    done = make.campaign(says=says, live_at=past, key="reports", name="New reports")
    campaigns.campaigns.start_by_hand(done, actor=make.ACTOR, now=past)
    campaigns.campaigns.advance(now=past)
    Message.objects.filter(series=done.series).update(state="delivered", sent_at=past, claimed_at=past)
    for row in Recipient.objects.filter(occurrence__campaign=done, state="handed")[:20]:
        make.activity(row.account, past + timedelta(days=2), name="report.viewed")
    make.campaign(key="letter", name="Letter", says={"when": {"kind": "recurring"}, "segment": "everybody"})
    asked = [make.asked(account.contacts.first(), now=now - timedelta(days=1), key="nps", loop={"scores_at_most": 6}) for account in _accounts()[:1]]
    of = asked[0].campaign.occurrences.first()
    asked += [make.asked(account.contacts.first(), now=now - timedelta(days=1), of=of) for account in _accounts()[1:14]]
    for number, one in enumerate(asked[:12]):
        campaigns.surveys.answer(one, score=number % 11, comment="Slow" if number < 2 else "", language="en", now=now)


def _accounts() -> list[Account]:
    return list(Account.objects.order_by("pk"))


def choose(page: Page, selector: str, words: str) -> None:
    field = page.locator(selector)
    field.focus()
    field.select_option(label=words)


def press(page: Page, name: str) -> None:
    button = page.get_by_role("button", name=name, exact=True).first
    button.focus()
    button.press("Enter")


def test_a_segment_and_a_campaign_from_nothing_by_the_keyboard(visitor: Visitor, company: None) -> None:
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.opens("/segments/")
    page.get_by_role("link", name="New segment").press("Enter")
    page.get_by_label("Name", exact=True).fill("Gold ones")
    page.get_by_label("What it is for").fill("They hear first.")
    choose(page, "#p-rule-rows-0-kind", "a field of the account")
    page.locator("#p-rule-rows-0-name").wait_for(timeout=SLOW)
    choose(page, "#p-rule-rows-0-name", "tier")
    page.locator("#p-rule-rows-0-value").wait_for(timeout=SLOW)
    page.locator("#p-rule-rows-0-value").focus()
    page.keyboard.type("gold")
    expect(page.locator("#consequence")).to_contain_text("30 of 40 accounts", timeout=SLOW)
    # A group is begun, and taken back.
    press(page, "Add a group")
    expect(page.locator("#p-rule-rows-1-joint")).to_be_visible(timeout=SLOW)
    press(page, "Undo")
    expect(page.locator("#p-rule-rows-1-joint")).to_have_count(0, timeout=SLOW)
    assert page.locator("#p-rule-rows-0-value").input_value() == "gold"
    page.locator("#save").press("Enter")
    page.wait_for_url("**/segments/gold-ones/", timeout=SLOW)
    press(page, "Go live")
    expect(page.locator("#size")).to_contain_text("being counted", timeout=SLOW)
    make.filled(clock.now())
    delivered()
    expect(page.locator("#size")).to_contain_text("of 40 customers", timeout=SLOW)
    assert Segment.objects.get(key="gold-ones").size == 30
    page.get_by_label("Account or person").fill("Riverside 35")
    page.get_by_role("button", name="Ask").press("Enter")
    expect(page.locator(".cs-r-why")).to_contain_text("it is silver", timeout=SLOW)

    visitor.opens("/segments/gold-ones/")
    page.get_by_role("link", name="Start a campaign for it").press("Enter")
    page.get_by_label("Name", exact=True).fill("Spring")
    page.get_by_label("What it is for").fill("They grow.")
    page.locator("#p-variants-0-name").fill("plain")
    page.locator("#p-variants-0-template").fill("news")
    page.locator("#p-trial-holdout_percent").fill("20")
    look = page.locator("#consequence")
    expect(look).to_contain_text("would get it", timeout=SLOW)
    expect(look).to_contain_text("No address on these channels")
    expect(look).to_contain_text("Held out by lot, 20 %")
    expect(look).to_contain_text("Contact pressure")
    expect(look).to_contain_text("“news” has the block “offer” and the campaign has no words for it")
    page.locator("summary", has_text="Content blocks").press("Enter")
    page.locator("#p-blocks-0-slot").fill("offer")
    page.locator("#p-blocks-0-words-en").fill("Ten percent")
    page.locator("#p-blocks-0-words-de").fill("Zehn Prozent")
    page.locator("#preview").press("Enter")
    expect(page.frame_locator("iframe").first.locator("body")).to_contain_text("Ten percent", timeout=SLOW)
    expect(look).not_to_contain_text("has no words for it", timeout=SLOW)
    page.locator("#save").press("Enter")
    page.wait_for_url("**/campaigns/spring/", timeout=SLOW)
    expect(page.locator("#check")).to_contain_text("would get it")

    press(page, "Launch")
    expect(page.locator(".cs-p-head")).to_contain_text("live", timeout=SLOW)
    press(page, "Start now")
    expect(page.locator("#standing")).to_contain_text("0 so far", timeout=SLOW)
    visitor.is_live()
    # The work is done by another process; the page hears of it and fetches itself.
    campaigns.campaigns.advance(now=clock.now())
    delivered()
    campaign = Campaign.objects.get(key="spring")
    counts = {state: Recipient.objects.filter(occurrence__campaign=campaign, state=state).count() for state in ("handed", "held_out", "excluded")}
    assert counts["handed"] + counts["held_out"] == 29
    assert counts["excluded"] == 1
    expect(page.locator("#standing")).to_contain_text(f"{counts['handed']} of {counts['handed']} had their turn", timeout=SLOW)
    page.locator("summary", has_text="Pause").press("Enter")
    page.get_by_label("Why", exact=True).first.fill("The price is wrong")
    press(page, "Pause it")
    expect(page.locator(".cs-p-head")).to_contain_text("The price is wrong", timeout=SLOW)
    press(page, "Go on")
    expect(page.locator(".cs-p-head")).not_to_contain_text("The price is wrong", timeout=SLOW)
    visitor.opens("/campaigns/spring/?view=people&left=no_address")
    expect(page.locator("table")).to_contain_text("No address on these channels")
    visitor.opens("/campaigns/spring/?view=results")
    expect(page.locator(".cs")).to_contain_text("annot tell yet")
    visitor.opens("/campaigns/reports/?view=results")
    expect(page.locator(".cs")).to_contain_text("Reached it anyway, of those held out")
    expect(page.locator(".cs")).to_contain_text("points, 95 %")
    assert visitor.said == []


def test_the_members_of_a_day_are_asked_by_the_slider(visitor: Visitor, company: None) -> None:
    page = visitor.page
    visitor.opens("/segments/everybody/?view=members")
    expect(page.locator("#members")).to_contain_text("40 of your book are in it now")
    page.locator("[data-slide]").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**on=*", timeout=SLOW)
    expect(page.locator("#members")).to_contain_text("40 of your book were in it at the end of", timeout=SLOW)
    expect(page.locator("[data-slide]")).to_be_focused()
    assert visitor.said == []


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(visitor: Visitor, company: None, width: int, theme: str) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    found = []
    paths = [
        "/segments/",
        "/segments/?q=zebra",
        "/segments/new/",
        "/campaigns/",
        "/campaigns/?state=done",
        "/campaigns/new/",
        "/campaigns/new/?kind=survey",
    ]
    paths += ["/campaigns/calendar/", "/surveys/", "/surveys/nps/", "/segments/everybody/edit/", "/campaigns/reports/edit/"]
    paths += [f"/segments/everybody/{more}" for more in ("?who=Riverside+1", "?view=members", "?view=versions")]
    paths += [f"/campaigns/reports/{more}" for more in ("", "?view=people", "?view=results", "?view=says", "?view=versions")]
    for path in paths:
        visitor.opens(path)
        page.evaluate(AXE)
        found += [f"{path} {words}" for words in page.evaluate(_SERIOUS)]
        if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
            found.append(f"{path} is too wide")
    assert found == []
    assert visitor.said == []
