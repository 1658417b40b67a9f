"""A customer answers a survey on a telephone: two languages, light and dark, without a script, by keyboard; axe finds nothing."""

from collections.abc import Iterator
from pathlib import Path

import axe_core_python
import pytest
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import Contact, SurveyResponse
from apps.campaigns.models import Invitation
from apps.campaigns.surveys import tokens
from apps.core import clock
from apps.messaging import services as messaging
from tests import make
from tests.product import Product

AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()
# Everything that axe finds, not only what is serious: the page is small.
_FOUND = "async () => (await axe.run()).violations.map(one => `${one.id}: ${one.nodes[0].html}`)"
_TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def ana(rows: None) -> Contact:
    messaging.ensure_templates(clock.now())
    return make.contact(make.account(name="Riverside Dental"), name="Ana Silva", email="ana@riverside.test")


def asked(person: Contact, site: Product, score: int | None = None, **says: object) -> str:
    """The address in the message of somebody who has never been asked before."""
    one = make.contact(person.account, name="Ana Silva")
    invitation = make.asked(one, now=clock.now(), **says)
    return tokens.link(invitation, score).replace(tokens.link(invitation).split("/c/")[0], site.url)


@pytest.fixture
def telephone(chromium: Browser, site: Product) -> Iterator[Page]:
    """390 px wide, without JavaScript."""
    yield from _page(chromium, java_script_enabled=False)


@pytest.fixture
def scripted(chromium: Browser, site: Product) -> Iterator[Page]:
    """The same with scripts, for axe and measuring."""
    yield from _page(chromium)


def _page(chromium: Browser, **more: bool) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-GB", **more)
    page = context.new_page()
    page.said = []  # type: ignore[attr-defined]
    page.on("console", lambda message: page.said.append(message.text) if message.type in ("error", "warning") else None)
    yield page
    context.close()


def test_one_answers_by_the_link_of_a_score_and_changes_it(telephone: Page, ana: Contact, site: Product) -> None:
    address = asked(ana, site, 9)
    telephone.goto(address)
    expect(telephone.get_by_role("heading")).to_have_text("How likely are you to recommend us to a colleague?")
    expect(telephone.get_by_role("radio", name="9")).to_be_checked()
    assert not SurveyResponse.objects.exists()
    telephone.get_by_text("7", exact=True).click()
    telephone.get_by_label("What is the main reason for your answer?").fill("It is quick.")
    telephone.get_by_role("button", name="Send my answer").click()
    expect(telephone.get_by_role("status")).to_contain_text("Your answer is 7 of 10. It has arrived.")
    telephone.reload()
    telephone.get_by_role("link", name="Look at it again").click()
    expect(telephone.get_by_role("radio", name="7")).to_be_checked()
    expect(telephone.get_by_role("textbox")).to_have_value("It is quick.")
    # By the keyboard alone.
    telephone.get_by_role("radio", name="7").focus()
    telephone.keyboard.press("ArrowRight")
    telephone.keyboard.press("Enter")
    expect(telephone.get_by_role("status")).to_contain_text("Your answer is 8 of 10.")
    assert SurveyResponse.objects.values_list("score", "comment").get() == (8, "It is quick.")
    assert telephone.said == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["nps", "csat", "ces"])
@pytest.mark.parametrize(("language", "button", "thanks"), [("en", "Send my answer", "Thank you"), ("de", "Antwort senden", "Vielen Dank")])
def test_the_pages_fit_and_axe_finds_nothing(scripted: Page, ana: Contact, site: Product, kind: str, language: str, button: str, thanks: str) -> None:
    scripted.set_extra_http_headers({"Accept-Language": language})
    address = asked(ana, site, kind=kind, loop={"scores_at_most": 3})
    for theme in ("light", "dark"):
        scripted.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        scripted.goto(address + "?score=3")
        expect(scripted.get_by_role("button")).to_have_text(button)
        _is_well(scripted)
    scripted.get_by_role("button").click()
    expect(scripted.get_by_role("heading")).to_have_text(thanks)
    _is_well(scripted)
    assert scripted.said == []  # type: ignore[attr-defined]


def test_pages_that_only_tell_are_well_too(scripted: Page, ana: Contact, site: Product) -> None:
    address = asked(ana, site)
    Invitation.objects.filter(contact__name="Ana Silva", answered_at=None).update(expires_at=clock.now())
    scripted.goto(address)
    expect(scripted.get_by_role("heading")).to_have_text("This survey is closed")
    _is_well(scripted)


def _is_well(page: Page) -> None:
    assert page.evaluate(_TOO_WIDE) <= 0
    # The page's own policy lets nothing in from outside, so axe comes in through the debugger.
    page.evaluate(AXE)
    assert page.evaluate(_FOUND) == []
