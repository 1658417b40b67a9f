"""What each staff group may do in the admin. Which accounts a person sees is AccountQuerySet.for_user, not here."""

from django.contrib.auth.models import Group, Permission

from .types import Role

_READ = ("view",)
_WORK = ("view", "change")
# App label -> verbs, per role. Administrators get everything except what only a superuser edits (groups, permissions).
RIGHTS: dict[Role, dict[str, tuple[str, ...]]] = {
    Role.CSM: {
        label: _READ
        for label in ("accounts", "alerts", "churn", "events", "health", "interventions", "messaging", "milestones", "coaching", "campaigns")
    },
    Role.TEAM_LEAD: {
        **{label: _READ for label in ("accounts", "churn", "events", "health", "messaging")},
        **{label: _WORK for label in ("alerts", "interventions", "milestones", "coaching", "campaigns")},
    },
    Role.VIEWER: {
        label: _READ
        for label in (
            "accounts",
            "alerts",
            "churn",
            "events",
            "health",
            "interventions",
            "messaging",
            "milestones",
            "coaching",
            "campaigns",
            "metrics",
        )
    },
    Role.ADMINISTRATOR: {
        label: ("view", "add", "change", "delete")
        for label in (
            "accounts",
            "alerts",
            "campaigns",
            "churn",
            "coaching",
            "dashboards",
            "django_celery_beat",
            "events",
            "health",
            "integrations",
            "interventions",
            "messaging",
            "metrics",
            "milestones",
            "waffle",
        )
    },
}


def create_groups(**_: object) -> None:
    """Bring the groups and their rights in line with the table; runs after every migrate."""
    for role, rights in RIGHTS.items():
        group, _created = Group.objects.get_or_create(name=role.value)
        wanted = [
            permission
            for permission in Permission.objects.filter(content_type__app_label__in=rights).select_related("content_type")
            if permission.codename.split("_")[0] in rights[permission.content_type.app_label]
        ]
        group.permissions.set(wanted)
