"""What a test committed is gone before the next one, whether it was little or much."""

import pytest
from django.core.management import call_command
from django.db import connection

from apps.accounts import services
from tests import make

# Django makes these anew after each clearing.
MADE_ANEW = {"auth_group", "auth_group_permissions", "auth_permission", "django_content_type", "django_migrations"}


def full() -> set[str]:
    names = connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(f"select '{name}' where exists (select from \"{name}\")" for name in names))
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("accounts", [1, 10_000])
def test_nothing_is_left(now, accounts):
    make.activity(account := make.account(), now)
    services.mark_churned(account, on=now.date(), actor=make.ACTOR, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into accounts_account (external_id, name, plan, domain, stage, time_zone, currency, arr, traits, synthetic, version) "
            "select 'many-' || n, '', '', '', 'active', 'UTC', 'USD', 0, '{}', true, 1 from generate_series(2, %s) n",
            [accounts],
        )
    # A table without a model, a sealed history and a ledger that refuse to be emptied are among them.
    assert {"accounts_activityevent", "accounts_messagekey", "accounts_arrmovement", "events_change"} <= full()
    call_command("flush", interactive=False, verbosity=0)
    assert full() <= MADE_ANEW
