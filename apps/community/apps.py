from django.apps import AppConfig


class CommunityConfig(AppConfig):
    name = "apps.community"
    verbose_name = "Community"
