from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PlatformConfig(AppConfig):
    name = "cs_platform"

    def ready(self) -> None:
        from apps.accounts.roles import create_groups
        from apps.alerts import figures as alerts
        from apps.events import switchboard
        from apps.integrations.services import offers
        from apps.metrics import services as metrics

        from .wiring import TELLERS, WIRING

        switchboard.connect(WIRING)
        offers.connect(TELLERS, account_page="account")
        metrics.add(alerts.FIGURES)
        metrics.offer(alerts.OFFER)
        post_migrate.connect(create_groups, sender=self)
