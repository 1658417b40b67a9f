from django.apps import AppConfig


class InterventionsConfig(AppConfig):
    name = "apps.interventions"
    verbose_name = "Plays and tasks"
