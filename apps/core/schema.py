"""Changes of the schema that a large table takes without being read."""

from collections.abc import Iterator
from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Index


class DropKeyIndexes(Operation):
    """Keys, each as "model.field", lose the index of their own (`db_index=False`); nothing else is touched.

    Django's AlterField would drop the constraint of a foreign key as well and check every row anew.
    """

    def __init__(self, *keys: str) -> None:
        self.keys = [tuple(key.split(".")) for key in keys]

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        for model, name in self.keys:
            fields = state.models[app_label, model].fields
            fields[name] = fields[name].clone()
            fields[name].db_index = False
        state.reload_models(sorted({(app_label, model) for model, _ in self.keys}), delay=True)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState) -> None:
        for model, field in self._places(app_label, from_state):
            named = [index.name for index in model._meta.indexes]
            for name in schema_editor._constraint_names(model, [field.column], index=True, type_=Index.suffix, exclude=named):
                schema_editor.execute(schema_editor._delete_index_sql(model, name))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState) -> None:
        for model, field in self._places(app_label, to_state):
            for statement in schema_editor._field_indexes_sql(model, field):
                schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Drop the own indexes of {len(self.keys)} keys"

    def _places(self, app_label: str, state: ProjectState) -> Iterator[tuple[Any, Any]]:
        for name, field in self.keys:
            model = state.apps.get_model(app_label, name)
            yield model, model._meta.get_field(field)
