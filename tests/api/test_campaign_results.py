"""What campaigns changed, told by the API."""

from datetime import timedelta

import pytest

from apps.accounts.types import Role
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_results_are_told_of_the_callers_book(now, key):
    person = make.user(Role.CSM)
    campaign = make.campaign_read(now=now)
    mine, theirs = make.crowd(20, owner=person), [make.account() for _ in range(5)]
    make.went_out(campaign, [*mine[:5], *theirs, *mine[5:]], at=now - 40 * DAY, held=5)

    whole = key("campaigns:read").get(f"campaigns/{campaign.pk}/results/").json()
    own = key("campaigns:read", owner=person).get(f"campaign-results/{campaign.pk}/").json()

    assert (whole["whole"]["assigned"], own["whole"]["assigned"]) == (20, 15)
    assert whole["shares"]["version"] == 0
    assert own["shares"] is None
    assert key("campaigns:read").get("campaign-results/attribution/?outcome=nothing").status_code == 400
    assert key("campaigns:read").get("campaign-results/suggestions/").json() == {"suggestions": []}
