"""API v1: every resource of every app under /api/v1/, described by OpenAPI."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.routers import SimpleRouter

from apps.accounts.api import activity, customers, files, history, revenue
from apps.alerts.api import escalation as alert_escalation
from apps.alerts.api import responses as alert_responses
from apps.alerts.api import rules as alert_rules
from apps.alerts.api import views as alerts
from apps.campaigns.api import campaigns, outside, segments
from apps.campaigns.api import results as campaign_results
from apps.campaigns.api import surveys as campaign_surveys
from apps.churn.api import asked, definitions, trainings, versions
from apps.churn.api import views as churn
from apps.coaching.api import sessions as coaching_sessions
from apps.coaching.api import tips
from apps.community.api import asks, challenges, referrals, sharing
from apps.core.api.errors import not_found
from apps.core.api.views import ReadViews
from apps.experiments.api import views as experiments
from apps.health.api import views as health
from apps.integrations.api import webhooks
from apps.interventions.api import views as interventions
from apps.messaging.api import messages, templates, tokens, words
from apps.metrics.api import views as metrics
from apps.milestones.api import path_tokens, paths, recognition, rewards, standing, winning

ROUTES: dict[str, type[ReadViews]] = {
    **customers.ROUTES,
    **revenue.ROUTES,
    **activity.ROUTES,
    **files.ROUTES,
    **health.ROUTES,
    **churn.ROUTES,
    **definitions.ROUTES,
    **versions.ROUTES,
    **trainings.ROUTES,
    **alerts.ROUTES,
    **alert_escalation.ROUTES,
    **alert_responses.ROUTES,
    **alert_rules.ROUTES,
    **interventions.ROUTES,
    **experiments.ROUTES,
    **paths.ROUTES,
    **coaching_sessions.ROUTES,
    **tips.ROUTES,
    **campaigns.ROUTES,
    **rewards.ROUTES,
    **standing.ROUTES,
    **recognition.ROUTES,
    **winning.ROUTES,
    **campaign_surveys.ROUTES,
    **outside.ROUTES,
    **campaign_results.ROUTES,
    **segments.ROUTES,
    **referrals.ROUTES,
    **sharing.ROUTES,
    **asks.ROUTES,
    **challenges.ROUTES,
    **messages.ROUTES,
    **words.ROUTES,
    **templates.ROUTES,
    **webhooks.ROUTES,
    **history.ROUTES,
}

router = SimpleRouter()
for name, views in ROUTES.items():
    router.register(name, views, basename=f"api-{name}")

for name, door in {**asked.DOORS, **definitions.DOORS, **tokens.DOORS, **path_tokens.DOORS, **metrics.DOORS}.items():
    router.register(name, door, basename=f"api-{name}")
# What other apps tell of an account or a contact stands under its address.
_PREFERENCES = words.PreferencesViews.as_view({"get": "retrieve", "post": "create"})
_SHARING = sharing.SharingViews.as_view({"get": "retrieve", "post": "create"})
of_account = [
    re_path(r"^accounts/(?P<account_id>[0-9]{1,18})/risk/$", churn.AccountRiskViews.as_view({"get": "retrieve"}), name="api-account-risk"),
    re_path(r"^accounts/(?P<account_id>[0-9]{1,18})/next-actions/$", tips.NextActionViews.as_view({"get": "retrieve"}), name="api-account-next"),
    re_path(
        r"^campaigns/(?P<pk>[0-9]{1,18})/results/$",
        campaign_results.CampaignResultViews.as_view({"get": "retrieve"}),
        name="api-campaign-results-of",
    ),
    re_path(r"^contacts/(?P<contact_id>[0-9]{1,18})/preferences/$", _PREFERENCES, name="api-contact-preferences"),
    re_path(r"^contacts/(?P<contact_id>[0-9]{1,18})/sharing/$", _SHARING, name="api-contact-sharing"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny], api_version="v1"), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(permission_classes=[AllowAny], url_name="api-schema"), name="api-docs"),
    *of_account,
    path("", include(router.urls)),
    re_path(r"^", not_found),
]
