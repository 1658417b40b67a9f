"""The demo's mailbox with its real mail server: what was sent is read there, and an answer reaches the account's story."""

from collections.abc import Iterator

import pytest
from django.core.mail.backends.smtp import EmailBackend
from playwright.sync_api import expect

from apps.core import clock
from apps.messaging.models import Message
from apps.messaging.providers.email import compose
from tests import make
from tests.product import Product, running, wait_for

from .conftest import SLOW

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(rows: None) -> Iterator[Product]:
    """Web that hands its mail to the mailbox process."""
    with running(web=False, worker=False) as product:
        product.start_mailbox()
        product.environment |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(product.mail_port)}
        product.start_web()
        yield product


def test_a_reply_written_in_the_mailbox_arrives_on_the_accounts_timeline(visitor, site, somebody):
    now = clock.now()
    account = make.account(owner=somebody, name="Riverside Dental")
    person = make.contact(account, name="Sam Reed")
    message = make.message(
        person,
        now=now,
        subject="Is it still what you need?",
        body="Hi Sam,\n\n- one thing\n- another",
        state="sent",
        sent_at=now,
        reply_token="ab" * 16,
    )
    mail = compose(message)
    mail.connection = EmailBackend(host="127.0.0.1", port=site.mail_port)
    assert mail.send() == 1

    visitor.opens("/mailbox/")
    page = visitor.page
    page.click("text=Is it still what you need?")
    expect(page.frame_locator("iframe.cs-mail-frame").locator("li")).to_have_text(["one thing", "another"], timeout=SLOW)
    page.fill("[name=text]", "Please call me on Friday.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("body")).to_contain_text("The reply is on its way", timeout=SLOW)

    wait_for(lambda: Message.objects.get(pk=message.pk).state == "replied", what="the reply to be recorded")
    visitor.opens(f"/accounts/{account.pk}/?kind=message")
    expect(page.locator("#story")).to_contain_text("Sam Reed replied")
    expect(page.locator("#story")).to_contain_text("Please call me on Friday.")
    assert [words for words in visitor.said if "about:srcdoc" not in words] == []
