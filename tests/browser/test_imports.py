"""The import pages in a real browser: a file is chosen, checked and imported by hand, quietly and within the screen."""

import pytest
from playwright.sync_api import expect

from apps.accounts.imports import desk
from apps.accounts.models import Account, ImportRun
from apps.core import clock

from .conftest import SLOW

pytestmark = pytest.mark.browser


def test_a_file_is_brought_in_by_hand(visitor, site, settings, tmp_path):
    """The check and the import are a worker's; here the test is the worker, and the page sees it by itself."""
    settings.VAR_DIR = site.folder
    file = tmp_path / "customers.csv"
    file.write_text("Customer No,Company,Plan\nc-1,Riverside Dental of the very long name that some companies have,pro\nc-2,Bolt,free\n")
    page = visitor.page
    visitor.opens("/imports/")
    page.set_input_files("[name=file]", str(file))
    page.click("text=Upload and look at it")
    page.get_by_label("Customer No is read as").select_option("id")
    page.click("text=Check it")
    run = ImportRun.objects.get()
    desk.rehearse(run.pk, now=clock.now())
    page.get_by_role("button", name="Import 2 rows").click(timeout=SLOW)
    expect(page.locator("#run")).to_contain_text("Waits for its turn")
    desk.carry(run.pk, now=clock.now())
    expect(page.get_by_role("button", name="Take this import back")).to_be_visible(timeout=SLOW)
    assert Account.objects.filter(external_id__in=["c-1", "c-2"]).count() == 2
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/imports/", f"/imports/{run.pk}/"):
        visitor.opens(path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    assert visitor.said == []
