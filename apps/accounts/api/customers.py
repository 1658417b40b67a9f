"""Customers: accounts and their people, and what is written down, promised, asked and answered."""

from typing import Any

from apps.accounts import services
from apps.accounts.models import Account, Contact, Note, Promise, Pulse, SurveyResponse, Ticket, User
from apps.accounts.types import NoteKind
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.writing import CreateViews

from . import filters, items, rows, serializers
from .kept import Edited, Upserted


class AccountViews(Upserted, Edited):
    """Customers: the companies that pay."""

    scope = "accounts"
    queryset = Account.objects.all()
    serializer_class = serializers.AccountRow
    filterset_class = filters.AccountFilters
    orderings = ("pk", "name", "-arr", "-created_at")
    item = items.AccountItem
    edited = items.AccountChange
    change = staticmethod(services.edit)


class ContactViews(Upserted, Edited):
    """People at accounts."""

    scope = "accounts"
    queryset = Contact.objects.all()
    serializer_class = serializers.ContactRow
    filterset_class = filters.ContactFilters
    item = items.ContactItem
    edited = items.ContactChange


class TicketViews(Upserted, Edited):
    """Questions to support. Their ids are those of the source: the key that sends them."""

    scope = "support"
    queryset = Ticket.objects.all()
    serializer_class = serializers.TicketRow
    filterset_class = filters.TicketFilters
    orderings = ("pk", "-opened_at")
    item = items.TicketItem
    edited = items.TicketChange
    needed = ("opened_at",)


class SurveyResponseViews(Upserted):
    """Answers to surveys. Their ids are those of the source: the key that sends them."""

    scope = "support"
    queryset = SurveyResponse.objects.all()
    serializer_class = serializers.SurveyResponseRow
    filterset_class = filters.SurveyResponseFilters
    orderings = ("pk", "-at")
    item = items.SurveyItem
    needed = ("kind", "score", "at")


class Told(CreateViews):
    """What people write down is signed by the person, or by the owner of the key."""

    @property
    def author(self) -> User | None:
        return self.caller if isinstance(self.caller, User) else None

    def account_of(self, item: Any) -> Any:
        return rows.account_of(item.account_external_id, caller=self.caller)


class NoteViews(Told, Edited):
    """What success managers wrote down, and what was said in calls and meetings."""

    scope = "accounts"
    queryset = Note.objects.all()
    serializer_class = serializers.NoteRow
    filterset_class = filters.NoteFilters
    orderings = ("pk", "-at")
    item = items.NoteItem
    edited = items.NoteChange

    def make(self, item: items.NoteItem) -> Note:
        account, now = self.account_of(item), clock.now()
        return services.write_down(
            account,
            body=item.body,
            kind=NoteKind(item.kind),
            minutes=item.minutes,
            at=item.at,
            contacts=rows.contacts_of(item.contacts, account_id=account.pk),
            author=self.author,
            actor=actor_of(self.request),
            now=now,
        )


class PromiseViews(Told, Edited):
    """What one side said it would do by a day."""

    scope = "accounts"
    queryset = Promise.objects.all()
    serializer_class = serializers.PromiseRow
    filterset_class = filters.PromiseFilters
    orderings = ("pk", "due_on")
    item = items.PromiseItem
    edited = items.PromiseChange

    def make(self, item: items.PromiseItem) -> Promise:
        owner = rows.changes_of(None, {"owner": item.owner}, caller=self.caller, source="")["owner"]
        return services.promise(
            account=self.account_of(item),
            text=item.text,
            due_on=item.due_on,
            by_customer=item.by_customer,
            owner=owner,
            actor=actor_of(self.request),
            now=clock.now(),
        )


class PulseViews(Told):
    """How success managers feel about accounts, 0 to 100; never edited, say a new one."""

    scope = "accounts"
    queryset = Pulse.objects.all()
    serializer_class = serializers.PulseRow
    filterset_class = filters.PulseFilters
    orderings = ("pk", "-at")
    item = items.PulseItem

    def make(self, item: items.PulseItem) -> Pulse:
        return services.feel_pulse(
            account=self.account_of(item),
            value=item.value,
            reason=item.reason,
            author=self.author,
            actor=actor_of(self.request),
            now=clock.now(),
        )


ROUTES = {
    "accounts": AccountViews,
    "contacts": ContactViews,
    "tickets": TicketViews,
    "surveys": SurveyResponseViews,
    "notes": NoteViews,
    "promises": PromiseViews,
    "pulses": PulseViews,
}
