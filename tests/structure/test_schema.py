"""Foreign keys run one way and are indexed once, nothing hides in model signals, and migrations say what the models say."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.db.models.fields.related import RelatedField

ROOT = Path(__file__).resolve().parents[2]
# The whole order, also of apps that are not born yet.
ORDER = [
    "core",
    "events",
    "accounts",
    "messaging",
    "integrations",
    "experiments",
    "milestones",
    "health",
    "churn",
    "interventions",
    "coaching",
    "community",
    "campaigns",
    "metrics",
    "alerts",
    "dashboards",
    "cs_platform",
]


def keys_to_the_right(model: type[models.Model]) -> list[str]:
    app = model._meta.app_label
    return [
        f"{model.__name__}.{field.name} -> {field.related_model._meta.label}"
        for field in model._meta.get_fields()
        if isinstance(field, RelatedField)
        and field.concrete
        and isinstance(field.related_model, type)
        and field.related_model._meta.app_label in ORDER
        and ORDER.index(field.related_model._meta.app_label) > ORDER.index(app)
    ]


def indexed_twice(model: type[models.Model]) -> list[str]:
    """Keys with an index of their own although a longer one begins with them: each row would be written into both."""
    begun = {index.fields_orders[0][0]: index.name for index in model._meta.indexes if index.condition is None and index.fields}
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None and constraint.fields:
            begun.setdefault(constraint.fields[0], constraint.name)
    return [
        f"{model.__name__}.{field.name}: say db_index=False, {begun[field.name]} begins with it"
        for field in model._meta.local_fields
        if field.db_index and not field.unique and field.name in begun
    ]


def signal_users(folder: Path) -> list[str]:
    pattern = re.compile(r"db\.models\.signals import (?!post_migrate$)|db\.models import signals|\b(pre|post)_(save|delete|init)\b|m2m_changed")
    return [
        f"{path.relative_to(folder)}:{number}"
        for name in ("apps", "cs_platform")
        for path in sorted((folder / name).rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line.strip())
    ]


@pytest.mark.parametrize("model", [model for model in apps.get_models() if model.__module__.startswith("apps.")], ids=lambda model: model._meta.label)
def test_foreign_keys_run_one_way(model):
    assert keys_to_the_right(model) == []


@pytest.fixture
def planting():
    """A model `Planted` of accounts is real and registered for the moment of the test only: a string key resolves like any other."""
    yield
    apps.all_models["accounts"].pop("planted", None)
    apps.clear_cache()


def test_a_planted_string_foreign_key_to_the_right_is_found(planting):
    class Planted(models.Model):
        alert = models.ForeignKey("alerts.Alert", on_delete=models.CASCADE, related_name="+")

        class Meta:
            app_label = "accounts"

    assert keys_to_the_right(Planted) == ["Planted.alert -> alerts.Alert"]


@pytest.mark.parametrize("model", [model for model in apps.get_models() if model.__module__.startswith("apps.")], ids=lambda model: model._meta.label)
def test_no_key_is_indexed_twice(model):
    assert indexed_twice(model) == []


def test_a_planted_twin_of_an_index_is_found(planting):
    class Planted(models.Model):
        account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="+")
        contact = models.ForeignKey("accounts.Contact", on_delete=models.CASCADE, related_name="+")
        at = models.DateTimeField()

        class Meta:
            app_label = "accounts"
            indexes = [models.Index(fields=["account", "-at"], name="planted_by_account")]
            constraints = [models.UniqueConstraint(fields=["contact", "at"], name="one_planted")]

    assert indexed_twice(Planted) == [
        "Planted.account: say db_index=False, planted_by_account begins with it",
        "Planted.contact: say db_index=False, one_planted begins with it",
    ]


def test_no_business_in_model_signals():
    assert signal_users(ROOT) == []


@pytest.mark.parametrize(
    "line", ["from django.db.models.signals import post_save", "from django.db.models import signals", "signals.post_save.connect(x)"]
)
def test_a_planted_model_signal_is_found(tmp_path, line):
    (tmp_path / "apps/accounts").mkdir(parents=True)
    (tmp_path / "apps/accounts/handlers.py").write_text(f"{line}\n")
    assert signal_users(tmp_path) == ["apps/accounts/handlers.py:1"]


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
