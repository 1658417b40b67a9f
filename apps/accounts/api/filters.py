from dataclasses import dataclass
from datetime import UTC, datetime

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django_filters.fields import IsoDateTimeField

from apps.accounts import revenue
from apps.accounts.models import Account, Contact, EventName
from apps.accounts.types import (
    ContactRole,
    InvoiceState,
    Meaning,
    MovementKind,
    NoteKind,
    PromiseState,
    RenewalState,
    Stage,
    SubscriptionState,
    SurveyKind,
    TicketPriority,
    TicketState,
)
from apps.core.api.filters import DayFilter, IdFilter, OfAccountFilters, TrueFalseFilter, during, in_our_time
from apps.core.api.problem import invalid

_Char, _Choice, _Number, _Date = django_filters.CharFilter, django_filters.ChoiceFilter, django_filters.NumberFilter, DayFilter


class AccountFilters(django_filters.FilterSet):
    external_id = _Char()
    name_contains = _Char(field_name="name", lookup_expr="icontains")
    domain = _Char()
    plan = _Char()
    tier = _Char()
    segment = _Char()
    stage = _Choice(choices=Stage.choices)
    owner = _Char(field_name="owner__email", lookup_expr="iexact", label="The owner's email address.")
    has_owner = TrueFalseFilter(field_name="owner", lookup_expr="isnull", exclude=True)
    parent = IdFilter(field_name="parent_id")
    tag = _Char(field_name="tags", lookup_expr="contains", method="with_tag", label="One of its tags.")
    renews_from = _Date(field_name="renews_on", lookup_expr="gte")
    renews_until = _Date(field_name="renews_on", lookup_expr="lte")

    class Meta:
        model = Account
        fields: list[str] = []

    def with_tag(self, rows: QuerySet[Account], name: str, value: str) -> QuerySet[Account]:
        return rows.filter(tags__contains=[value])


class ContactFilters(OfAccountFilters):
    external_id = _Char()
    email = _Char(lookup_expr="iexact")
    role = _Choice(choices=ContactRole.choices)
    departed = TrueFalseFilter(field_name="departed_on", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Contact
        fields: list[str] = []


class SubscriptionFilters(OfAccountFilters):
    external_id = _Char()
    state = _Choice(choices=SubscriptionState.choices)
    plan = _Char()
    currency = _Char()
    renews_from = _Date(field_name="renews_on", lookup_expr="gte")
    renews_until = _Date(field_name="renews_on", lookup_expr="lte")


class InvoiceFilters(OfAccountFilters):
    external_id = _Char()
    state = _Choice(choices=InvoiceState.choices)
    currency = _Char()
    due_from = _Date(field_name="due_on", lookup_expr="gte")
    due_until = _Date(field_name="due_on", lookup_expr="lte")


class MovementFilters(OfAccountFilters):
    kind = _Choice(choices=MovementKind.choices)
    currency = _Char()
    effective_from = _Date(field_name="effective_on", lookup_expr="gte")
    effective_until = _Date(field_name="effective_on", lookup_expr="lte")
    since, until = during("recorded_at").values()


class PeriodForm(forms.Form):
    until = forms.DateField(validators=[in_our_time])
    by = forms.ChoiceField(choices=[(name, name) for name in revenue.GROUPINGS], required=False)
    known_at = IsoDateTimeField(validators=[in_our_time], required=False)


# `from` is a word of Python's own.
PeriodForm.base_fields["from"] = forms.DateField(validators=[in_our_time])


@dataclass(frozen=True)
class Asked:
    period: revenue.Period
    by: str
    known_at: datetime


def read_period(given: QueryDict, *, now: datetime) -> Asked:
    """Raises Problem naming the parameter."""
    if unknown := sorted(set(given) - set(PeriodForm.base_fields)):
        raise invalid({name[:80]: ["There is no such parameter here."] for name in unknown})
    form = PeriodForm(given)
    if not form.is_valid():
        raise invalid({name: [str(word) for word in words] for name, words in form.errors.items()})
    said = form.cleaned_data
    if said["until"] <= said["from"]:
        raise invalid({"until": ["It lies after `from`."]})
    return Asked(revenue.Period(said["from"], said["until"]), said["by"] or "all", (said["known_at"] or now).astimezone(UTC))


class RenewalFilters(OfAccountFilters):
    state = _Choice(choices=RenewalState.choices)
    due_from = _Date(field_name="due_on", lookup_expr="gte")
    due_until = _Date(field_name="due_on", lookup_expr="lte")


class RateFilters(django_filters.FilterSet):
    currency = _Char()
    valid_from = _Date(field_name="valid_from", lookup_expr="gte")
    valid_until = _Date(field_name="valid_from", lookup_expr="lte")


class TicketFilters(OfAccountFilters):
    source = _Char()
    external_id = _Char()
    state = _Choice(choices=TicketState.choices)
    priority = _Choice(choices=TicketPriority.choices)
    since, until = during("opened_at").values()


class SurveyResponseFilters(OfAccountFilters):
    source = _Char()
    external_id = _Char()
    kind = _Choice(choices=SurveyKind.choices)
    score_from = _Number(field_name="score", lookup_expr="gte", min_value=0, max_value=10)
    score_until = _Number(field_name="score", lookup_expr="lte", min_value=0, max_value=10)
    loop_closed = TrueFalseFilter(field_name="loop_closed_at", lookup_expr="isnull", exclude=True)
    since, until = during("at").values()


class NoteFilters(OfAccountFilters):
    kind = _Choice(choices=NoteKind.choices)
    author = _Char(field_name="author__email", lookup_expr="iexact")
    since, until = during("at").values()


class PromiseFilters(OfAccountFilters):
    state = _Choice(choices=PromiseState.choices)
    owner = _Char(field_name="owner__email", lookup_expr="iexact")
    by_customer = TrueFalseFilter()
    due_from = _Date(field_name="due_on", lookup_expr="gte")
    due_until = _Date(field_name="due_on", lookup_expr="lte")


class PulseFilters(OfAccountFilters):
    author = _Char(field_name="author__email", lookup_expr="iexact")
    since, until = during("at").values()


class ActivityFilters(OfAccountFilters):
    contact = IdFilter(field_name="contact_id")
    source = _Char()
    message_id = _Char()
    name = _Char()
    since, until = during("at").values()


class RollupFilters(OfAccountFilters):
    name = _Char()
    day_from = _Date(field_name="day", lookup_expr="gte")
    day_until = _Date(field_name="day", lookup_expr="lte")


class EventNameFilters(django_filters.FilterSet):
    meaning = _Choice(choices=Meaning.choices)
    name_contains = _Char(field_name="name", lookup_expr="icontains")

    class Meta:
        model = EventName
        fields: list[str] = []


class ImportFilters(django_filters.FilterSet):
    kind = _Char()
    state = _Char()
    since, until = during("started_at").values()


class ImportProblemFilters(django_filters.FilterSet):
    run = IdFilter(field_name="run_id")
