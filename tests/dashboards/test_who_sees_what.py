import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.types import Role
from tests import make

pytestmark = pytest.mark.django_db
PAGES = ["today", "portfolio", "alerts", "tasks", "board", "revenue", "movements", "renewals", "channels", "templates", "mailbox"]


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_sent_to_sign_in(client, name):
    answer = client.get(reverse(name))
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={reverse(name)}")


def test_a_fragment_asked_for_after_the_session_ended_sends_the_whole_page_to_sign_in(client):
    answer = client.get("/board/?part=counts", HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/admin/login/?next=/board/%3Fpart%3Dcounts")


def test_a_user_who_is_not_staff_sees_nothing(client, now):
    client.force_login(make.user(Role.CSM, is_staff=False))
    assert client.get("/").status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_for_a_success_manager_with_nothing_at_all(staff, name):
    answer = staff.get(reverse(name))
    assert answer.status_code == 200
    assert "cs-empty" in answer.content.decode() or name in {"board", "channels"}


def test_another_books_account_answers_exactly_like_one_that_never_was(staff):
    theirs = make.account(owner=make.user())
    missing = staff.get(reverse("account", args=[theirs.pk + 1000]))
    other = staff.get(reverse("account", args=[theirs.pk]))

    def scrubbed(answer, pk):
        text = answer.content.decode()
        return [line for line in text.replace(f"/accounts/{pk}/", "").splitlines() if "cs-live" not in line and "csrf" not in line]

    assert (other.status_code, missing.status_code) == (404, 404)
    assert scrubbed(other, theirs.pk) == scrubbed(missing, theirs.pk + 1000)
    assert theirs.name not in other.content.decode()


@pytest.mark.parametrize("name", ["today", "portfolio", "alerts", "tasks", "board"])
def test_lists_show_the_own_book_and_no_other(staff, csm, now, name):
    mine, theirs = make.account(owner=csm, name="Mine Dental"), make.account(owner=make.user(), name="Theirs Dental")
    for account in (mine, theirs):
        make.risk(account, now=now, probability=0.9)
        make.alert(account, now=now, title=f"{account.name} is likely to leave")
        make.task(account, now=now, title=f"Call {account.name}")
    text = staff.get(reverse(name) + ("?whose=all" if name == "tasks" else "")).content.decode()
    assert "Mine Dental" in text
    assert "Theirs Dental" not in text


def test_a_viewer_sees_everything_and_finds_no_button(client, now):
    account = make.account(owner=make.user())
    make.risk(account, now=now, probability=0.9)
    make.alert(account, now=now)
    make.task(account, now=now)
    make.enrolment(account, now=now)
    make.play()
    client.force_login(make.user(Role.VIEWER))
    for path in ["/", "/alerts/", "/tasks/", f"/accounts/{account.pk}/"]:
        text = client.get(path).content.decode()
        assert account.name in text
        assert "/do/" not in text, path


def test_a_viewers_post_changes_nothing(client, now):
    alert = make.alert(make.account(owner=make.user()), now=now)
    client.force_login(make.user(Role.VIEWER))
    answer = client.post(reverse("acknowledge", args=[alert.pk]))
    alert.refresh_from_db()
    assert (answer.status_code, alert.state) == (403, "open")


def test_the_mailbox_exists_in_the_demo_only(staff, settings):
    settings.DEMO = False
    assert staff.get("/mailbox/").status_code == 404
    assert "/mailbox/" not in staff.get("/").content.decode()


def test_badges_count_only_what_waits_for_this_person(staff, csm, now):
    from django.utils.timezone import timedelta

    mine, theirs = make.account(owner=csm), make.account(owner=make.user())
    make.alert(mine, now=now)
    make.alert(mine, now=now, state="acknowledged")
    make.alert(theirs, now=now)
    make.task(mine, now=now)
    make.task(mine, now=now, due_at=now + timedelta(days=2))
    make.task(theirs, now=now)
    from apps.core.reading import read
    from apps.dashboards.selectors import waiting

    assert read(waiting.counts(csm, now)) == {"alerts": 1, "tasks": 1, "notices": 0}


def test_the_sidebar_offers_only_pages_that_open(client, staff, csm):
    from apps.dashboards import shell

    for role in (Role.CSM, Role.TEAM_LEAD, Role.VIEWER, Role.ADMINISTRATOR):
        from apps.accounts.roles import create_groups

        create_groups()
        visitor = Client()
        person = make.user(role)
        visitor.force_login(person)
        request = visitor.get("/").wsgi_request
        links = [item["link"] for group in shell.navigation(request) for item in group["items"]]
        assert [link for link in links if visitor.get(link).status_code != 200] == []
