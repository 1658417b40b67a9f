"""Every staff page in a real browser: quiet, within the screen, usable by keyboard, and deaf to what customers write."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from apps.accounts.models import Account
from apps.alerts.models import Alert
from apps.core import clock
from apps.core.actor import Actor
from apps.health import services as health
from apps.interventions.models import Task
from apps.messaging.models import Template
from tests import make

from .conftest import SLOW, Visitor, listen

pytestmark = pytest.mark.browser
EVIL = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>{{7*7}}"
STAFF = [
    "/",
    "/portfolio/",
    "/alerts/",
    "/tasks/",
    "/board/",
    "/system/",
    "/churn/",
    "/churn/define/",
    "/revenue/",
    "/revenue/movements/",
    "/impact/",
    "/milestones/",
    "/milestones/design/",
    "/rewards/",
    "/community/referrals/",
    "/community/",
    "/renewals/",
    "/health-model/",
    "/experiments/",
    "/templates/",
    "/templates/hello/",
    "/templates/hello/?channel=sms",
    "/templates/hello/?channel=push",
    "/mailbox/",
    "/segments/",
    "/segments/new/",
    "/campaigns/",
    "/campaigns/new/",
    "/campaigns/calendar/",
    "/surveys/",
]
ADMIN = ["/admin/interventions/play/", "/admin/waffle/flag/", "/admin/django_celery_beat/periodictask/", "/admin/accounts/account/"]


@pytest.fixture(scope="module")
def riverside(rows, somebody) -> Account:
    """A book of eight, with one account that has everything and one whose words are hostile."""
    now = clock.now()
    play = make.play(name="Save it")
    for number in range(6):
        other = make.account(owner=somebody, name=f"Customer {number} of the long name that some companies have", arr=1_000 * (number + 1))
        make.risk(other, now=now, probability=0.2 + number / 10, before=0.3)
        make.task(other, now=now, title=f"Call customer {number}", due_at=now - timedelta(minutes=number + 1))
    hostile = make.account(owner=somebody, name=EVIL, plan=EVIL, traits={EVIL: EVIL}, arr=2_000)
    make.alert(hostile, now=now, title=EVIL, why=[EVIL], severity="urgent")
    person = make.contact(hostile, name=EVIL)
    for channel in ("email", "sms"):
        Template.objects.create(key="hello", channel=channel, subject="{{ account.name }}", body="{{ contact.name }}")
    Template.objects.create(key="hello", channel="push", subject=EVIL, body=EVIL)
    make.message(person, now=now, subject=EVIL, state="replied", replied_at=now, reply=EVIL)
    account = make.account(owner=somebody, name="Riverside Dental", arr=24_000, renews_on=now.date() + timedelta(days=41), domain="riverside.example")
    make.contact(account, name="Sam Reed")
    make.weeks_of_use(account, until=now, weeks=12, per_week=4)
    make.risk(account, now=now, probability=0.82, before=0.6, source="logistic v3")
    make.alert(account, now=now)
    make.enrolment(account, now=now, of=play)
    return account


@pytest.fixture(scope="module")
def hostile_mail(site, riverside) -> None:
    """The web process reads the mailbox of its own folder."""
    folder = site.folder / "mailbox"
    (folder / "new").mkdir(parents=True)
    head = f"From: a@b.test\nTo: sam@customer.test\nSubject: Hello {EVIL}\nReply-To: reply+x@reply.cs.localhost\nMIME-Version: 1.0\n"
    words = f"{head}Content-Type: text/html\n\n<b>Hi</b>{EVIL}"
    (folder / "new" / "1700000000.M1P1.here").write_text(words)


def test_one_signs_in_and_lands_on_today(chromium, site, riverside):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/board/")
    page.fill("[name=username]", "maya@staff.test")
    page.fill("[name=password]", "wrong")
    page.click("button[type=submit]")
    expect(page.locator("body")).to_contain_text("correct", timeout=SLOW)
    page.fill("[name=username]", "maya@staff.test")
    page.fill("[name=password]", make.PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(f"{site.url}/board/", timeout=SLOW)
    page.goto(site.url)
    expect(page.locator("h1")).to_contain_text("Today")
    context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_quiet_and_stays_within_the_screen(visitor, riverside, hostile_mail, width):
    visitor.page.set_viewport_size({"width": width, "height": 844})
    wide = []
    for path in [
        *STAFF,
        f"/accounts/{riverside.pk}/",
        *(f"/accounts/{pk}/" for pk in Account.objects.filter(name=EVIL).values_list("pk", flat=True)),
        *ADMIN,
    ]:
        visitor.opens(path)
        if not path.startswith("/admin/"):
            visitor.is_live()
        too_wide = visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if too_wide > 0:
            wide.append(f"{path} is {too_wide} px too wide")
        assert visitor.page.evaluate("window.hacked") is None, path
    # A mail may carry a script; the sandbox that refuses to run it says so, and that is its whole complaint.
    assert [words for words in visitor.said if "about:srcdoc" not in words] == []
    assert wide == []


def test_a_mails_own_script_does_not_run_and_its_pictures_are_not_fetched(visitor, hostile_mail):
    visitor.opens("/mailbox/")
    frame = visitor.page.frame_locator("iframe.cs-mail-frame")
    expect(frame.locator("b")).to_have_text("Hi")
    assert visitor.page.frames[-1].evaluate("typeof window.hacked") == "undefined"
    assert "{{7*7}}" in visitor.page.inner_text(".cs-mail-head")


def test_rows_are_walked_opened_and_done_by_keyboard(visitor, riverside):
    visitor.opens("/tasks/")
    page = visitor.page
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator(".cs-selected .cs-name").inner_text()
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(page.locator(".cs-toast-words")).to_contain_text(f"Done: {first}")
    expect(page.locator(".cs-list")).not_to_contain_text(first)
    assert Task.objects.get(title=first).state == "done"

    page.click(".cs-toast [data-undo]")
    expect(page.locator(".cs-list")).to_contain_text(first)
    assert Task.objects.get(title=first).state == "open"

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/*/")
    assert visitor.said == []


def test_help_shows_the_keys(visitor, riverside):
    visitor.opens("/alerts/")
    visitor.page.keyboard.press("?")
    expect(visitor.page.locator("#cs-keys")).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator("#cs-keys")).to_be_hidden()


def test_ctrl_k_finds_an_account_by_a_persons_name(visitor, riverside):
    visitor.opens("/board/")
    visitor.page.keyboard.press("Control+k")
    expect(visitor.page.locator("#search-input-command")).to_be_focused()
    visitor.page.keyboard.type("sam ree")
    expect(visitor.page.locator("#command-results-list")).to_contain_text("Riverside Dental")
    visitor.page.keyboard.press("ArrowDown")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(f"**/accounts/{riverside.pk}/")
    assert visitor.said == []


def test_the_palette_has_the_keyboard_even_where_frames_come_late(visitor, riverside):
    visitor.page.add_init_script("const frame = requestAnimationFrame; window.requestAnimationFrame = (f) => setTimeout(() => frame(f), 300)")
    visitor.opens("/board/")
    visitor.page.keyboard.press("Control+k")
    expect(visitor.page.locator("#search-input-command")).to_be_focused()
    assert visitor.said == []


def test_the_portfolio_narrows_while_one_types_and_keeps_it_in_the_address(visitor, riverside):
    visitor.opens("/portfolio/")
    rows = visitor.page.locator(".cs-grid-row")
    visitor.page.locator("[name=q]").press_sequentially("riverside")
    expect(rows).to_have_count(1)
    assert visitor.page.url.endswith("?q=riverside")
    visitor.page.reload()
    expect(rows).to_have_count(1)
    visitor.page.get_by_role("columnheader", name="ARR").get_by_role("button").click()
    expect(visitor.page.locator("[aria-sort=descending]")).to_contain_text("ARR")
    expect(visitor.page.locator("#grid-words")).to_have_text("1 account, ranked by ARR.")
    assert visitor.said == []


def test_acknowledging_says_how_it_went_and_a_second_time_says_why_not(visitor, window, riverside):
    alert = Alert.objects.get(account=riverside)
    visitor.opens("/alerts/")
    second = Visitor(window.new_page(), visitor.url)
    listen(second)
    second.opens(f"/accounts/{riverside.pk}/")
    visitor.page.locator(f"#a{alert.pk}").get_by_role("button", name="Acknowledge").click()
    expect(visitor.page.locator(".cs-toast-words")).to_have_text(f"Acknowledged: {alert.title}")
    expect(visitor.page.locator(f"#a{alert.pk}")).to_have_count(0)
    second.page.get_by_role("button", name="Acknowledge").first.click()
    expect(second.page.locator(".cs-toast-refused")).to_contain_text("is no longer open")
    assert visitor.said == []


def test_a_server_that_does_not_answer_is_told_with_a_way_to_try_again(visitor, riverside):
    visitor.opens("/portfolio/")
    visitor.page.route("**/portfolio/rows/**", lambda route: route.abort())
    visitor.page.select_option("[name=band]", "high")
    box = visitor.page.locator(".cs-error")
    expect(box).to_contain_text("This part could not be loaded")
    expect(visitor.page.locator(".cs-grid-row").first).to_be_visible()
    visitor.page.unroute("**/portfolio/rows/**")
    box.get_by_role("button", name="Try again").click()
    expect(box).to_have_count(0)


def test_older_days_of_a_story_are_loaded_below(visitor, riverside):
    now = clock.now()
    for number in range(60):
        make.alert(riverside, now=now - timedelta(days=200, minutes=number), title=f"Long ago {number}", state="resolved")
    visitor.opens(f"/accounts/{riverside.pk}/?kind=alert")
    expect(visitor.page.locator(".cs-story")).not_to_contain_text("Long ago 59")
    visitor.page.click("text=Load older")
    expect(visitor.page.locator(".cs-story")).to_contain_text("Long ago 59")
    expect(visitor.page.locator(".cs-story")).to_contain_text("Here the story begins")


def test_why_opens_in_a_drawer_with_the_rows_behind_it_and_closes_with_escape(visitor, riverside):
    health.score_all(as_of=clock.now(), now=clock.now(), actor=Actor.job("test"))
    visitor.opens(f"/accounts/{riverside.pk}/")
    page = visitor.page
    page.locator(".cs-h-tree summary").first.click()
    page.locator(".cs-h-tree details[open] .cs-h-part").nth(1).click()
    drawer = page.locator("#cs-drawer")
    expect(drawer.locator("h2")).to_contain_text("of the last 28 days", timeout=SLOW)
    expect(drawer).to_contain_text("◀ here")
    expect(drawer).to_contain_text("login")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    assert visitor.said == []
