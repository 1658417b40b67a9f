"""Who is signed in: the person with their roles and rights, in one statement a request."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from apps.core.reading import asked, by_key, read

from .models import User


def _words(rights: QuerySet[Permission]) -> ArraySubquery:
    """As `has_perm` is asked for them: app_label.codename."""
    word = Concat(F("content_type__app_label"), Value("."), F("codename"), output_field=CharField())
    return ArraySubquery(rights.order_by().values_list(word))


_ROLES = ArraySubquery(Group.objects.filter(user=OuterRef("pk")).order_by().values("name"))
_OWN, _GROUPS = _words(Permission.objects.filter(user=OuterRef("pk"))), _words(Permission.objects.filter(group__user=OuterRef("pk")))


class StaffBackend(ModelBackend):
    """Django's, except that the roles and rights come with the person instead of one by one when they are asked for."""

    def get_user(self, user_id: int) -> User | None:
        found = User.objects.annotate(role_names=_ROLES, own_rights=_OWN, group_rights=_GROUPS).filter(pk=user_id)
        read(by_key(asked(found)))
        person = next(iter(found), None)
        if person is None or not self.user_can_authenticate(person):
            return None
        person.roles = frozenset(person.role_names)
        if not person.is_superuser:
            # Where ModelBackend keeps them for the length of a request; a superuser is not asked for theirs.
            person._perm_cache = {*person.own_rights, *person.group_rights}  # type: ignore[attr-defined]
        return person
