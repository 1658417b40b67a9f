"""What is wrong with words is told before anybody gets them: by field and line; errors refuse the save, warnings do not."""

import pytest

from apps.core.actor import Actor
from apps.messaging import catalogue, rendering, services, templates
from apps.messaging.models import Template
from apps.messaging.types import Channel, Draft
from tests import make

from .test_template_attacks import BEHIND, ENDLESS, UNREADABLE

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def found(body="Hello", *, subject="Hello", channel="email", locale="en", **more) -> list[tuple[str, int, str, bool]]:
    draft = Draft(key="a", channel=channel, locale=locale, subject=subject, body=body, **more)
    return [(one.field, one.line, one.code, one.error) for one in templates.check(draft)]


def words(body, **more) -> list[str]:
    return [one.words for one in templates.check(Draft(key="a", channel="email", locale="en", subject="Hello", body=body, **more))]


@pytest.mark.parametrize(
    ("body", "line", "code"),
    [
        ("Hi\n\n{{ contact.frist_name }}", 3, "unknown_variable"),
        ("{{ news.title }}", 1, "unknown_variable"),
        ("{{ contact }}\n{{ contact[account.name] }}", 2, "unknown_variable"),
        ("{% if account.plan == 'never' %}\n{{ hidden }}\n{% endif %}", 2, "unknown_variable"),
        ("Hi\n{% if account.plan %}\n{% for a in (1..2) %}\n{% endfor %}", 2, "template_error"),
        ("Hi\n{% if %}", 2, "template_error"),
        ("Hi\n\n\n{{ contact.name | shout }}", 4, "template_error"),
        ("a\n{{ 1 | divided_by: 0 }}", 2, "template_error"),
        ("a\nb {% for a in (1..100000000) %}x{% endfor %}", 2, "template_limit"),
        ("", 1, "empty_body"),
        ("{% comment %}x{% endcomment %}", 1, "empty_body"),
        ("a\nSee http://a.test", 2, "unsafe_link"),
        ("a\n\n[x](javascript:alert(1))", 3, "unsafe_link"),
        ("a\nb\x07", 2, "bad_letter"),
        ("a\x00", 1, "bad_letter"),
        ("\ud800", 1, "bad_letter"),
        ("x" * 20_001, 1, "too_long"),
    ],
)
def test_an_error_is_told_by_its_line_and_refuses_the_save(now, body, line, code):
    assert ("body", line, code, True) in found(body)
    with pytest.raises(services.NotWritten) as refusal:
        services.write_template(key="a", channel="email", subject="Hello", body=body, actor=ACTOR, now=now)
    assert (refusal.value.code, refusal.value.troubles[0].line) == (code, line)
    assert refusal.value.message.startswith(f"Nothing was saved. Body, line {line}: ")
    assert not Template.objects.exists()


@pytest.mark.parametrize(
    ("given", "trouble"),
    [
        ({"subject": ""}, ("subject", "empty_subject")),
        ({"subject": "Hi\nBcc: evil@x.test"}, ("subject", "line_break")),
        ({"subject": "{{ nobody }}"}, ("subject", "unknown_variable")),
        ({"subject": "x" * 201}, ("subject", "too_long")),
        ({"locale": "german"}, ("locale", "bad_locale")),
        ({"locale": "../de"}, ("locale", "bad_locale")),
        ({"channel": "fax"}, ("channel", "bad_channel")),
        ({"key": "a b"}, ("key", "bad_key")),
        ({"topic": " "}, ("topic", "no_topic")),
        ({"content_variables": {"1": "{{ nobody }}"}}, ("content_variables.1", "unknown_variable")),
        ({"content_variables": {"1": 2}}, ("content_variables", "bad_variables")),
        ({"examples": {"contact": {"ssn": "1"}}}, ("examples", "bad_examples")),
        ({"examples": {"a": "\x00"}}, ("examples", "bad_examples")),
        ({"examples": {"a": "x" * 10_001}}, ("examples", "bad_examples")),
        ({"examples": [1]}, ("examples", "bad_examples")),
        ({"channel": "sms", "body": "x" * 1_601}, ("body", "too_long_for_channel")),
    ],
    ids=str,
)
def test_every_field_is_looked_at(now, given, trouble):
    fields = {"key": "a", "channel": "email", "locale": "en", "subject": "Hello", "body": "Hello", **given}
    assert trouble in [(one.field, one.code) for one in templates.check(Draft(**fields)) if one.error]
    with pytest.raises(services.NotWritten):
        services.write_template(**fields, actor=ACTOR, now=now)


@pytest.mark.parametrize(
    ("given", "trouble"),
    [
        ({"body": "a\n{{ what | default: 'x' }}"}, ("body", 2, "perhaps_unknown")),
        ({"body": "a\n<b>Hi</b>"}, ("body", 2, "markup")),
        ({"subject": "{{ account.name }} " * 5}, ("subject", 1, "long_subject")),
        ({"channel": "sms", "body": "x" * 161}, ("body", 1, "several_texts")),
        ({"channel": "sms", "body": "Hi\nmănânc"}, ("body", 2, "ucs2")),
        ({"channel": "whatsapp"}, ("content_sid", 1, "no_alternative")),
        ({"channel": "whatsapp", "content_sid": "SM1"}, ("content_sid", 1, "odd_content_sid")),
        ({"content_sid": "HX" + "0" * 32}, ("content_sid", 1, "unused")),
        ({"channel": "push", "body": "x" * 179}, ("body", 1, "long")),
        ({"channel": "voice", "body": "x" * 901}, ("body", 1, "long")),
        ({"locale": "de"}, ("locale", 1, "no_fallback")),
    ],
    ids=str,
)
def test_a_warning_is_told_and_saved_all_the_same(now, given, trouble):
    fields = {"key": "a", "channel": "email", "locale": "en", "subject": "Hello", "body": "Hello", **given}
    assert [one[:3] for one in found(**{name: value for name, value in fields.items() if name != "key"})] == [trouble]
    assert services.write_template(**fields, actor=ACTOR, now=now).version == 1


def test_what_is_well_has_no_trouble_and_the_shipped_words_are_well():
    assert found("Hi {{ contact.first_name }} of {{ account.name }} ({{ account.plan | upcase }}), {{ contact.name.size }}. {{ csm.name }}") == []
    assert found("{% for one in list %}{{ one.name }} {{ forloop.index }}{% endfor %}", examples={"list": [{"name": "x"}]}) == []
    assert words("{{ contact.frist_name }}") == ["contact.frist_name is known to nobody. Did you mean contact.first_name?"]
    assert found("Your data: five logins. JavaScript: none.\nSee https://a.test") == []
    assert [(line, code) for _, line, code, _ in found("{{ x }}\nhttp://a.test\n<b>")] == [
        (1, "unknown_variable"),
        (2, "unsafe_link"),
        (3, "markup"),
    ]
    assert words("{{ zzz }}") == ["zzz is known to nobody. If a play passes it, add it to the examples."]
    [said] = words("ș" * 71 + "{{ news.title }}")
    assert "news.title is known to nobody" in said
    services.ensure_templates(make._LONG_AGO)
    shipped = Template.objects.all()
    told = {str(one): trouble.code for one in shipped for trouble in templates.check(templates.draft_of(one))}
    # WhatsApp's words need a provider's approval, which no file can bring.
    assert told == {str(one): "no_alternative" for one in shipped.filter(channel="whatsapp")}
    assert shipped.filter(key="save-fading").count() == 2


def test_texts_are_counted_with_their_examples():
    draft = Draft(key="a", channel="sms", locale="en", subject="Hello", body="x" * 150 + "{{ account.name }}")
    [trouble] = templates.check(draft)
    places = 150 + len(catalogue.EXAMPLES["account"]["name"])
    assert trouble.words == f"{places} places in GSM-7: the carrier counts 2 texts with these examples."


ATTACKS = [*BEHIND, *UNREADABLE, *ENDLESS]


@pytest.mark.parametrize("body", ATTACKS)
@pytest.mark.parametrize("field", ["body", "subject"])
def test_an_attack_is_refused_at_the_save_and_in_the_preview(now, body, field):
    source = body.replace("\n", " ")
    draft = Draft(key="bad", channel="email", locale="en", **{"subject": "Hello", "body": "Hello", field: source}, examples={"long": "x" * 900})
    with pytest.raises(services.NotWritten) as refusal:
        templates.write(draft, actor=ACTOR, now=now)
    assert {one.field for one in refusal.value.troubles if one.error} == {field}
    assert not Template.objects.exists()
    person = make.contact(make.account())
    with pytest.raises(services.Refused):
        services.preview.of(draft, person)


def test_there_are_47_attacks_or_more():
    assert len(set(ATTACKS)) == len(ATTACKS) >= 46


def test_whatever_the_linter_lets_pass_can_be_written_for_a_real_person(now):
    person = make.contact(make.account(owner=make.user()), name="", phone="")
    for channel in Channel.values:
        draft = Draft(key="a", channel=channel, locale="en", subject="{{ play.name }}", body=" ".join(f"{{{{ {name} }}}}" for name in known()))
        saved = templates.write(draft, actor=ACTOR, now=now)
        subject, body = rendering.render(saved, {**rendering.values_of(person), "play": {"name": "Save"}})
        assert (subject, person.email in body) == ("Save", True)


def known() -> list[str]:
    return list(catalogue.names(catalogue.EXAMPLES))
