"""Rows that other systems keep, and rows that several people edit."""

from collections.abc import Callable
from typing import Any, ClassVar

from apps.accounts import services, upserts
from apps.accounts.gate import Kind, Row
from apps.accounts.models import Account
from apps.accounts.profiles import ACCOUNTS
from apps.accounts.records import KINDS as RECORDS
from apps.core import clock
from apps.core.api.access import actor_of, source_of
from apps.core.api.items import Misfit, Verdict, refused
from apps.core.api.writing import BulkViews, CreateViews, EditViews

from . import rows

KINDS: dict[Any, Kind] = {Account: ACCOUNTS, **RECORDS}


class Upserted(BulkViews, CreateViews):
    """Rows that other systems keep: created and changed by their ids there, one at a time or thousands."""

    # What a new row cannot do without.
    needed: ClassVar[tuple[str, ...]] = ()

    @property
    def kind(self) -> Kind:
        described: Any = self.get_serializer_class()
        return KINDS[described.Meta.model]

    def take(self, good: list[tuple[int, Any]]) -> list[Verdict]:
        known = rows.colleagues(item for _, item in good)
        taken: list[tuple[int, Row]] = []
        verdicts = []
        for index, item in good:
            try:
                taken.append((index, rows.row_of(item, known)))
            except Misfit as misfit:
                verdicts.append(refused(index, item.external_id, misfit))
        outcomes = self._upsert([row for _, row in taken])
        for (index, row), outcome in zip(taken, outcomes, strict=True):
            left = [{"field": name, "reason": reason} for name, reason in outcome.left]
            verdicts.append(Verdict(index, outcome.status, row.key, outcome.id, outcome.field, outcome.reason, left))
        return verdicts

    def make(self, item: Any) -> Any:
        outcome = self._upsert([rows.row_of(item, rows.colleagues([item]))], only_new=True)[0]
        if outcome.status == "refused":
            raise Misfit(outcome.field, outcome.reason)
        if outcome.left:
            raise Misfit(*outcome.left[0])
        return self.get_queryset().model(pk=outcome.id)

    def _upsert(self, found: list[Row], *, only_new: bool = False) -> list[upserts.Outcome]:
        return services.upsert(
            self.kind,
            found,
            needed=self.needed,
            caller=self.caller,
            source=source_of(self.request),
            actor=actor_of(self.request),
            now=clock.now(),
            only_new=only_new,
        )


class Edited(EditViews):
    change: ClassVar[Callable[..., Any]] = staticmethod(services.edit_record)

    def edit(self, row: Any, said: dict[str, Any], *, version: int | None) -> None:
        source = source_of(self.request)
        changes = rows.changes_of(row, said, caller=self.caller, source=source)
        self.change(row, changes=changes, version=version, source=source, actor=actor_of(self.request), now=clock.now())
