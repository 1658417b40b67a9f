"""The words of a message before it is one."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.models import Contact

from . import rendering, templates
from .models import Template


def words_for(*, contact: Contact, channel: str, template_key: str, context: Mapping[str, Any]) -> tuple[Template, str, str, dict[str, Any]]:
    """What this person would read: the words chosen for them, subject and body, and the values they were made of. Refused where there are none."""
    template = templates.chosen(template_key, channel, contact)
    values = rendering.merged(rendering.values_of(contact), context)
    subject, body = rendering.render(template, values)
    return template, subject, body, values
