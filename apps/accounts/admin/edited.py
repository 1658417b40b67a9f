"""Editing by several people: the form remembers what its reader saw, and tells both values when somebody else was quicker."""

from typing import Any

from django.forms import ModelForm
from django.http import HttpRequest

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import told
from apps.events import services as events


class EditedForm(ModelForm):
    """Every field carries the value its reader saw, so that only what they changed is written, and a change in between is seen."""

    def seen(self) -> dict[str, Any]:
        found = {}
        for name in self._edited():
            field, hidden = self.fields[name], self.add_initial_prefix(name)
            if hidden in self.data:
                found[name] = field.to_python(field.hidden_widget().value_from_datadict(self.data, self.files, hidden))
        return found

    def wanted(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._edited()}

    def _edited(self) -> list[str]:
        columns = {field.name for field in self._meta.model._meta.concrete_fields}
        return [name for name in self.changed_data if name in columns and name in self.cleaned_data]

    def clean(self) -> dict[str, Any] | None:
        super().clean()
        if self.instance.pk and (against := events.conflicts(self.instance, changes=self.wanted(), seen=self.seen())):
            # The next try is a decision made in sight of both values.
            shown = {self.add_initial_prefix(name): "" if both["theirs"] is None else both["theirs"] for name, both in against.items()}
            self.data = self.data.copy()  # type: ignore[attr-defined]
            for hidden, value in shown.items():
                self.data[hidden] = value  # type: ignore[index]
            for name, both in against.items():
                self.add_error(name, f"Somebody else changed this meanwhile, from {both['base']!r} to {both['theirs']!r}. Save again to keep yours.")
        return self.cleaned_data


class Edited:
    """For admins of versioned rows: saving goes through `edit`, which keeps the history."""

    form = EditedForm

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and not db_field.many_to_many:
            field.show_hidden_initial = True
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: EditedForm, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)  # type: ignore[misc]
            return
        with told(request) as actor:
            self.edit_row(obj, changes=form.wanted(), seen=form.seen(), actor=actor)

    def edit_row(self, row: Any, *, changes: dict[str, Any], seen: dict[str, Any], actor: Actor) -> None:
        events.edit(row, changes=changes, seen=seen, actor=actor, now=clock.now())
