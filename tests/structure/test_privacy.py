"""Every column that can hold words says what becomes of it when its person is erased."""

import pytest
from django.apps import apps
from django.db import models

from apps.accounts.models import Account, Contact
from cs_platform.privacy.paths import our_models, paths_to, text_columns
from cs_platform.privacy.policies import POLICIES


def undeclared(model: type[models.Model]) -> set[str]:
    policy = POLICIES.get(model._meta.label)
    return {field.name for field in text_columns(model)} - (policy.columns if policy else set())


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_text_and_json_column_has_a_policy_in_cs_platform_privacy_policies(model):
    assert undeclared(model) == set(), f"declare them for {model._meta.label}: forget, mask, clean or keep"


def test_policies_name_only_what_exists():
    known = {model._meta.label: {field.name for field in text_columns(model)} for model in apps.get_models()}
    wrong = {label: policy.columns - known.get(label, set()) for label, policy in POLICIES.items()}
    assert {label: names for label, names in wrong.items() if names} == {}


def test_a_column_has_one_policy():
    twice = {
        label for label, policy in POLICIES.items() if len(policy.columns) != sum(map(len, (policy.forget, policy.mask, policy.clean, policy.keep)))
    }
    assert twice == set()


def test_a_planted_model_without_a_policy_is_found():
    class Planted(models.Model):
        diary = models.TextField()

        class Meta:
            app_label = "planted"
            managed = False

    try:
        assert undeclared(Planted) == {"diary"}
    finally:
        from django.apps import apps

        apps.all_models.pop("planted", None)
        apps.clear_cache()


def test_paths_to_a_person_are_found_through_keys():
    paths = {model._meta.label: found for model, found in paths_to(Contact).items()}
    assert paths["messaging.MessageAttempt"] == ("message__contact",)
    assert paths["accounts.Note"] == ("contacts",)
    assert "accounts.Account" not in paths
    assert "accounts.DailyRollup" in {model._meta.label for model in paths_to(Account)}
