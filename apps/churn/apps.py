from django.apps import AppConfig


class ChurnConfig(AppConfig):
    name = "apps.churn"
    verbose_name = "Churn risk"
