"""The API's own page in a real browser: it draws itself from this server alone, within the policy, and its "Try it out" works with the session."""

import pytest
from playwright.sync_api import expect

from tests import make

pytestmark = pytest.mark.browser


def test_the_api_page_lists_the_addresses_and_tries_one_quietly(visitor, somebody):
    make.account(owner=somebody, external_id="docs-acme", name="Docs Acme")
    visitor.opens("/api/v1/docs/")
    page = visitor.page
    accounts = page.locator("#operations-accounts-accounts_list")
    expect(accounts).to_be_visible()
    # Only what is near the eye is drawn; the filter leads to the rest.
    search = page.get_by_placeholder("Filter by tag")
    for group in ("churn", "webhooks", "accounts"):
        search.fill(group)
        expect(page.locator(f"#operations-tag-{group}")).to_be_visible()
    expect(accounts).to_be_visible()
    accounts.click()
    accounts.get_by_role("button", name="Try it out").click()
    accounts.get_by_role("button", name="Execute").click()
    expect(accounts.locator(".live-responses-table")).to_contain_text("docs-acme")
    assert visitor.said == []
