"""The page of a template in a real browser: troubles while one types, a person chosen, and nothing that axe calls serious."""

import pytest
from playwright.sync_api import expect

from apps.messaging.models import Template
from tests import make

from .conftest import SLOW
from .test_workspace import _SERIOUS, AXE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sam(rows, somebody):
    for locale in ("en", "de"):
        Template.objects.create(key="hello", channel="email", locale=locale, subject="Hello", body="Hi {{ contact.first_name }}")
    account = make.account(owner=somebody, name="Riverside Dental")
    make.contact(account, name="Ann First", locale="pt-BR")
    return make.contact(account, name="Sam Reed")


def test_troubles_are_told_while_one_types_and_a_chosen_person_sees_the_words(visitor, sam):
    page = visitor.page
    visitor.opens("/templates/hello/?channel=email&locale=en")
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("Hi Ann", timeout=SLOW)
    page.fill("[name=who]", "reed")
    page.get_by_label("Sam Reed").check(timeout=SLOW)
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("Hi Sam", timeout=SLOW)
    page.fill("#t-body", "Hi\n\n{{ contact.frist_name }}")
    page.get_by_role("button", name="Line 3").click(timeout=SLOW)
    assert page.evaluate("window.getSelection().toString()") == "{{ contact.frist_name }}"
    assert visitor.said == []


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_axe_finds_nothing_serious(visitor, sam, width, theme):
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme)
    found = []
    for path in ("/templates/", "/templates/?q=nothing", "/templates/hello/?channel=email&locale=en", "/templates/hello/?channel=sms"):
        visitor.opens(path)
        page.evaluate(AXE)
        found += [f"{path} {words}" for words in page.evaluate(_SERIOUS)]
    assert found == []
