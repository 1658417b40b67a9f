from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "apps.messaging"
    verbose_name = "Messages"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers them)
