"""Templates: their versions per channel and language, the next one with what is wrong with it, and how a person would get it."""

from typing import Annotated, Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from msgspec import UNSET, Meta, UnsetType
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact, User
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import Rows
from apps.core.api.filters import TrueFalseFilter
from apps.core.api.items import Item
from apps.core.api.problem import Problem, invalid
from apps.core.api.views import SharedViews
from apps.core.api.writing import CreateViews
from apps.core.errors import Refused
from apps.messaging import locales, preview, services, templates
from apps.messaging.models import Template
from apps.messaging.types import Channel, Trouble


class TroubleRow(serializers.Serializer[Any]):
    field = serializers.CharField()
    line = serializers.IntegerField()
    code = serializers.CharField()
    words = serializers.CharField()
    error = serializers.BooleanField()


class TemplateRow(Rows):
    class Meta:
        model = Template
        fields = [
            *("id", "key", "channel", "locale", "version", "subject", "body", "topic"),
            *("content_sid", "content_variables", "examples", "created_at", "created_by"),
        ]


class TemplateTold(TemplateRow):
    """One version, and what could be better about it."""

    warnings = serializers.SerializerMethodField()

    class Meta(TemplateRow.Meta):
        fields = [*TemplateRow.Meta.fields, "warnings"]

    @extend_schema_field(TroubleRow(many=True))
    def get_warnings(self, row: Template) -> Any:
        return TroubleRow(templates.check(templates.draft_of(row)), many=True).data


class TemplateFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    locale = django_filters.CharFilter(method="in_locale", label="A language, exactly: pt is not pt-BR.")
    newest = TrueFalseFilter(method="only_newest", label="Only the version of each key, channel and locale that is sent now.")

    def in_locale(self, rows: QuerySet[Template], name: str, value: str) -> QuerySet[Template]:
        return rows.filter(locale=locales.normal(value) or value)

    def only_newest(self, rows: QuerySet[Template], name: str, value: bool) -> QuerySet[Template]:
        same = {name: OuterRef(name) for name in ("key", "channel", "locale")}
        later = Exists(Template.objects.filter(**same, version__gt=OuterRef("version")))
        return rows.exclude(later) if value else rows.filter(later)


class TemplateItem(Item, kw_only=True):
    """The words of the next version."""

    key: Annotated[str, Meta(min_length=1, max_length=80, pattern="^[A-Za-z0-9_-]+$")]
    channel: Annotated[str, Meta(description=f"One of {', '.join(Channel.values)}.")]
    locale: Annotated[str, Meta(max_length=40, description="A language tag: pt, pt-BR. Left out: the language of the house.")] = ""
    subject: Annotated[str, Meta(max_length=200)]
    body: Annotated[str, Meta(max_length=20_000)]
    topic: Annotated[str, Meta(max_length=40)] = "success"
    content_sid: Annotated[str, Meta(max_length=40)] = ""
    content_variables: dict[str, str] = {}
    examples: Annotated[dict[str, Any], Meta(description="Values that whoever sends it passes, each with an example.")] = {}
    based_on: (
        Annotated[int, Meta(ge=0, le=2**31 - 1, description="The version you began with: refused with 409 where there is a later one.")] | UnsetType
    ) = UNSET


class PreviewRow(serializers.Serializer[Any]):
    """`fails` says why a mail to this person would not be written; `assumed` names the values that are examples."""

    subject = serializers.CharField()
    text = serializers.CharField()
    html = serializers.CharField()
    to = serializers.CharField()
    sender = serializers.CharField()
    encoding = serializers.CharField(source="size.encoding", default=None, allow_null=True)
    parts = serializers.IntegerField(source="size.parts", default=None, allow_null=True)
    variables = serializers.DictField(child=serializers.CharField())
    assumed = serializers.ListField(child=serializers.CharField())
    fails = serializers.CharField()


class TemplateViews(CreateViews, SharedViews):
    """What messages say. A version never changes its words: what is written becomes the next one.

    A POST with errors in the words is a 400 whose `fields` hold them by field, and whose `troubles` hold each with its line.
    """

    scope = "templates"
    queryset = Template.objects.all()
    serializer_class = TemplateRow
    filterset_class = TemplateFilters
    orderings = ("pk", "-pk")
    item = TemplateItem

    def get_serializer_class(self) -> Any:
        return TemplateRow if self.action == "list" else TemplateTold

    def make(self, item: TemplateItem) -> Template:
        caller = self.caller
        if not (caller.has_perm("messaging.add_template") if isinstance(caller, User) else caller.sees_everything):
            raise Problem(403, "forbidden", "Administrators write templates, or a key that belongs to nobody in particular.")
        said = item.said()
        seen = said.pop("based_on", None)
        try:
            return services.write_template(**said, seen=seen, actor=actor_of(self.request), now=clock.now())
        except services.NotWritten as refusal:
            raise _told(refusal.troubles) from refusal

    @extend_schema(
        parameters=[OpenApiParameter("contact", int, required=True, description="The id of a contact in the caller's book.")], responses=PreviewRow
    )
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def preview(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How a contact would get it. Nothing is sent."""
        row = self.get_object()
        word = request.query_params.get("contact", "")
        if set(request.query_params) - {"contact"} or not (word.isascii() and word.isdigit() and len(word) < 19):
            raise invalid({"contact": ["Name the id of a contact, and nothing else."]})
        person = Contact.objects.for_user(self.caller).select_related("account__owner").filter(pk=int(word)).first()
        if person is None:
            raise invalid({"contact": ["There is no such contact in your book."]})
        try:
            return Response(PreviewRow(preview.of(templates.draft_of(row), person)).data)
        except Refused as refusal:
            raise invalid({"template": [refusal.message]}) from refusal


def _told(troubles: list[Trouble]) -> Problem:
    fields: dict[str, list[str]] = {}
    for trouble in troubles:
        if trouble.error:
            fields.setdefault(trouble.field, []).append(trouble.told)
    return Problem(400, "invalid", "The words have errors. Nothing was saved.", fields=fields, troubles=TroubleRow(troubles, many=True).data)


ROUTES = {"templates": TemplateViews}
