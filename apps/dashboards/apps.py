from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out


class DashboardsConfig(AppConfig):
    name = "apps.dashboards"
    verbose_name = "Dashboards"

    def ready(self) -> None:
        from .leaving import close_sockets

        # Signing out belongs to Django, also in the admin; this is the one word it says about it.
        user_logged_out.connect(close_sockets, dispatch_uid="dashboards.close_sockets")
