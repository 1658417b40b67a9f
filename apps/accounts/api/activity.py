"""What customers did in the product: events, daily rollups, the catalogue of names."""

from typing import Any

from apps.accounts import services
from apps.accounts.models import Account, ActivityEvent, DailyRollup, EventName
from apps.accounts.types import ActivityItem
from apps.core import clock
from apps.core.api.access import source_of
from apps.core.api.items import Misfit, Verdict, refused
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import BulkViews

from . import filters, items, serializers


class ActivityViews(BulkViews):
    """What customers did in the product, as it arrived."""

    scope = "activity"
    queryset = ActivityEvent.objects.all()
    serializer_class = serializers.ActivityRow
    filterset_class = filters.ActivityFilters
    orderings = ("pk", "-at")
    item = items.ActivityThing

    def take(self, good: list[tuple[int, Any]]) -> list[Verdict]:
        """`created` is stored now, `same` was stored before."""
        verdicts: dict[int, Verdict] = {}
        own = self._own_accounts(good)
        for index, item in good:
            if own is not None and item.account_external_id not in own:
                misfit = Misfit("account_external_id", "A key that sees one book names the account, and it is of that book.")
                verdicts[index] = refused(index, item.message_id, misfit)
        taken = [(index, item) for index, item in good if index not in verdicts]
        things = [
            ActivityItem(
                message_id=item.message_id,
                name=item.name,
                at=item.at,
                account=item.account_external_id,
                contact=item.contact_external_id,
                value=item.value,
                properties=item.properties,
            )
            for _, item in taken
        ]
        stored = services.record_activity(things, source=source_of(self.request), now=clock.now())
        status = dict.fromkeys(stored.accepted, "created") | dict.fromkeys(stored.duplicate, "same")
        for place, (index, item) in enumerate(taken):
            if place in status:
                verdicts[index] = Verdict(index, status[place], item.message_id)
            else:
                misfit = Misfit("account_external_id", "There is no such account; create it first, then send the activity again.")
                verdicts[index] = refused(index, item.message_id, misfit)
        return list(verdicts.values())

    def _own_accounts(self, good: list[tuple[int, Any]]) -> set[str] | None:
        if self.caller.sees_everything:
            return None
        words = {item.account_external_id for _, item in good}
        return set(Account.objects.for_user(self.caller).filter(external_id__in=words).values_list("external_id", flat=True))


class RollupViews(ReadViews):
    """Activity of each account per day (UTC) and name."""

    scope = "activity"
    queryset = DailyRollup.objects.all()
    serializer_class = serializers.RollupRow
    filterset_class = filters.RollupFilters
    orderings = ("pk", "-day")


class EventNameViews(SharedViews):
    """The catalogue of activity names and what each means."""

    scope = "activity"
    queryset = EventName.objects.all()
    serializer_class = serializers.EventNameRow
    filterset_class = filters.EventNameFilters
    lookup_value_regex = "[^/]{1,160}"


ROUTES = {"activity": ActivityViews, "rollups": RollupViews, "event-names": EventNameViews}
