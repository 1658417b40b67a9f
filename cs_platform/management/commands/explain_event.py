"""The chain of causes of one event and what it led to, with the time between."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.events import selectors
from apps.events.models import Event


class Command(BaseCommand):
    help = "Print the cause chain of an event, from the first cause to its last effect, with who did it and how long each step took."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        event = Event.objects.filter(pk=options["id"]).first()
        if event is None:
            raise CommandError(f"There is no event {options['id']}.")
        chain = selectors.chain(event)
        for depth, link in enumerate(chain):
            self._show(link, depth, chain[0], mark=">" if link.pk == event.pk else " ")
        self._show_effects(event, len(chain), chain[0])

    def _show_effects(self, event: Event, depth: int, first: Event) -> None:
        for delivery in event.deliveries.order_by("id"):
            late = f", {delivery.attempts} failed attempts: {delivery.last_error}" if delivery.attempts else ""
            self.stdout.write(f"  {'  ' * depth}· {delivery.handler} {delivery.get_state_display()}{late}")
        for effect in selectors.effects(event):
            self._show(effect, depth, first)
            self._show_effects(effect, depth + 1, first)

    def _show(self, event: Event, depth: int, first: Event, mark: str = " ") -> None:
        facts = ", ".join(f"{name}={value}" for name, value in event.payload.items())
        after = (event.recorded_at - first.recorded_at).total_seconds()
        self.stdout.write(f"{mark} {'  ' * depth}#{event.pk} {event.type} by {event.actor} +{after:.3f} s ({facts})")
