"""Templates are written by people who may mean harm: nothing is reached but the values, nothing runs away, and the refusal says why."""

import pytest

from apps.core.errors import Refused
from apps.messaging import rendering
from apps.messaging.models import Template

VALUES = {
    "contact": {"name": "Ada", "first_name": "Ada", "email": "ada@customer.test"},
    "account": {"name": "Acme", "plan": "pro"},
    "long": "x" * 900,
}
BEHIND = [
    "{{ contact.__class__ }}",
    "{{ contact.name.__class__.__mro__ }}",
    '{{ contact["__class__"] }}',
    "{{ contact._meta.app_config }}",
    "{{ contact.items }}",
    "{{ contact.keys }}",
    "{{ contact.name.upper }}",
    "{{ contact.name.format }}",
    "{{ account.objects }}",
    "{{ settings.SECRET_KEY }}",
    "{{ request.user }}",
    "{{ csrf_token }}",
    "{{ self }}",
    "{{ globals }}",
    "{{ forloop.parentloop }}",
]
UNREADABLE = [
    "{% include 'messages/email.html' %}",
    "{% for i in (1..3) %}{% include contact.name %}{% endfor %}",
    "{% render '/etc/passwd' %}",
    "{% extends 'x' %}",
    "{% layout 'x' %}",
    "{% block a %}{% endblock %}",
    "{% macro a %}{% endmacro %}",
    "{% load static %}",
    "{% debug %}",
    "{% import os %}",
    "{{ contact | json }}",
    "{{ contact.name | eval }}",
    "{{ '' | attr: '__class__' }}",
    "{{ 'x' | ljust: 99999999 }}",
    "{{ 1 | divided_by: 0 }}",
    "{{ contact.email | base64_decode }}",
    "{{ contact.name",
]
ENDLESS = [
    "{% for a in (1..100000000) %}x{% endfor %}",
    "{% for a in (1..999) %}{% for b in (1..999) %}{% endfor %}{% endfor %}",
    "{% tablerow a in (1..100000) %}x{% endtablerow %}",
    "{% for a in (1..900) %}{{ long }}{% endfor %}",
    "{% capture a %}{% for b in (1..900) %}{{ long }}{% endfor %}{% endcapture %}",
    "{% assign a = 'x' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}",
    "{% assign n = 9 %}{% for i in (1..900) %}{% assign n = n | times: n %}{% endfor %}",
    "{{ (1..100000000) | join: ',' }}",
    "{{ (1..100000000) | reverse | first }}",
    "{{ (1..100000000) | size }}",
    "{% assign a = (1..100000000) | sort %}",
    "{{ 'now' | date: '%9999999d' }}",
    "{{ '1e308' | times: 10 }}",
    "{{ long | replace: 'x', long | replace: 'x', long }}",
    "{% if true %}" * 500 + "{% endif %}" * 500,
]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        *((body, "unknown_variable") for body in BEHIND),
        *((body, "template_error") for body in UNREADABLE),
        *((body, "template_limit") for body in ENDLESS),
    ],
)
def test_an_attack_is_refused_with_its_reason(body, code):
    with pytest.raises(Refused) as refusal:
        rendering.render(Template(key="bad", channel="email", subject="Hello", body=body), VALUES)
    assert refusal.value.code == code
    assert "bad email v1" in refusal.value.message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{{ contact.name | upcase | append: '!' }}", "ADA!"),
        ("{{ 'a,b' | split: ',' | join: ' and ' }}", "a and b"),
        ("{{ '2026-03-11' | date: '%d %B %Y' }}", "11 March 2026"),
        ("{% for n in (1..3) %}{{ n | times: 1000 }} {% endfor %}", "1000 2000 3000"),
        ("{{ account.plan | default: 'free' }}", "pro"),
    ],
)
def test_what_is_meant_well_still_works(body, words):
    assert rendering.render(Template(key="good", channel="email", subject="Hello", body=body), VALUES)[1] == words
