"""The staff page of recommendations: figures with intervals, doubts with reasons, decisions of one's own book."""

import pytest

from apps.accounts.roles import create_groups
from apps.accounts.types import Role
from apps.community.models import Referral, ReferralDecision
from apps.core import clock
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubt():
    """A sign-up that waits, in somebody's book."""
    now, owner = clock.now(), make.user()
    program = make.program(now=now, key="friends")
    advocate = make.advocate(program, now=now, name="Ann Lee", email="ann@ours.test")
    advocate.account.owner = owner
    advocate.account.save()
    return make.referral(advocate, now=now, email="kim@ours.test"), owner


@pytest.fixture(autouse=True)
def roles():
    create_groups()


def test_without_a_program_the_page_says_what_one_is(client):
    client.force_login(make.user(Role.ADMINISTRATOR))
    page = client.get("/community/referrals/").content.decode()
    assert "No program yet" in page
    assert "Nothing waits" in page
    assert "Nobody is on the way" in page


def test_doubts_are_shown_with_their_reasons_and_figures_with_what_cannot_be_told(client, doubt):
    client.force_login(doubt[1])
    page = client.get("/community/referrals/").content.decode()
    assert "Both are at ours.test. (60)" in page
    assert "60 of 100" in page
    assert "We cannot tell yet: 0 approved of 1 who saw the offer." in page
    assert "500 points for who recommends, 20 USD for who comes, after “report.shared”" in page
    assert "kim" not in page


def test_a_decision_takes_a_reason_and_is_signed(client, doubt):
    row, owner = doubt
    client.force_login(owner)
    assert client.post(f"/do/referrals/{row.pk}/approve/", {"reason": " "}, HTTP_HX_REQUEST="true").status_code == 409
    assert client.post(f"/do/referrals/{row.pk}/approve/", {"reason": "We know both"}, HTTP_HX_REQUEST="true").status_code == 204
    row.refresh_from_db()
    assert (row.state, row.cleared) == ("pending", True)
    last = ReferralDecision.objects.order_by("-pk").first()
    assert (last.actor, last.reason) == (f"user:{owner.pk}", "We know both")
    page = client.get("/community/referrals/").content.decode()
    assert "for their account: no source has told us of it" in page


def test_another_book_sees_nothing_of_it_and_a_viewer_decides_nothing(client, doubt):
    row, _ = doubt
    client.force_login(make.user())
    assert "Nothing waits" in client.get("/community/referrals/?part=queue", HTTP_HX_REQUEST="true").content.decode()
    assert client.post(f"/do/referrals/{row.pk}/refuse/", {"reason": "x"}).status_code == 404
    client.force_login(make.user(Role.VIEWER))
    assert client.post(f"/do/referrals/{row.pk}/refuse/", {"reason": "x"}).status_code in (403, 404)
    assert Referral.objects.get(pk=row.pk).state == "flagged"
