from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PlatformConfig(AppConfig):
    name = "cs_platform"

    def ready(self) -> None:
        from apps.accounts.roles import create_groups
        from apps.events import switchboard

        from .wiring import WIRING

        switchboard.connect(WIRING)
        post_migrate.connect(create_groups, sender=self)
