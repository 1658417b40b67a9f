from django.apps import AppConfig


class CoachingConfig(AppConfig):
    name = "apps.coaching"
    verbose_name = "Coaching"
