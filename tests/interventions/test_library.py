"""The plays that come with the product."""

import pytest

from apps.interventions import definition, library
from apps.interventions.definition import AUTO, MessageStep
from apps.interventions.models import Play
from apps.messaging import services as messaging
from apps.messaging.models import Template

pytestmark = pytest.mark.django_db


def test_twelve_plays_ship_and_one_is_live(now):
    assert len(library.ensure(now=now)) == 12
    assert list(Play.objects.filter(state="live").values_list("key", flat=True)) == ["save-fading"]
    assert set(Play.objects.exclude(state="live").values_list("state", flat=True)) == {"draft"}


def test_every_play_is_understood_and_says_nothing_that_is_left_out_when_written_again():
    for key in library.names():
        said = definition.read(library.says(key))
        assert definition.read(definition.plain(said)) == said


def test_every_message_of_the_library_has_words_on_every_channel_it_may_take(now):
    messaging.ensure_templates(now=now)
    written = set(Template.objects.values_list("key", "channel"))
    for key in library.names():
        for step in definition.read(library.says(key)).steps:
            if isinstance(step, MessageStep):
                channels = (
                    (step.channel,) if step.channel != AUTO else step.channels or [channel for name, channel in written if name == step.template]
                )
                assert {(step.template, channel) for channel in channels} <= written, (key, step.id)
                assert channels, (key, step.id)


def test_the_library_speaks_on_all_six_channels(now):
    messaging.ensure_templates(now=now)
    assert set(Template.objects.values_list("channel", flat=True)) == {"email", "in_app", "sms", "whatsapp", "voice", "push"}


def test_waits_can_be_shortened_by_the_steps_name():
    waits = {step["id"]: step.get("minutes") for step in library.says("save-fading", waits={"settle": 0.2})["steps"]}
    assert (waits["settle"], waits["first-wait"]) == (0.2, 2880)
