import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.alerts.models import AlertRule
from tests import make

pytestmark = pytest.mark.django_db
SAYS = {"kind": "threshold", "figure": "late_answers", "way": "above", "limit": 1}


def test_a_file_is_tried_on_past_days_without_a_rule(tmp_path):
    make.account()
    file = tmp_path / "rule.json"
    file.write_text(json.dumps(SAYS))
    told = StringIO()
    call_command("try_rule", str(file), days=30, json=True, stdout=told)
    *words, last = told.getvalue().splitlines()
    assert (json.loads(last)["fired"], AlertRule.objects.count()) == (0, 0)
    assert words[1].startswith("would have fired 0 times")


def test_what_is_no_rule_is_told_in_one_line(tmp_path):
    with pytest.raises(CommandError, match="no watched rule and no file"):
        call_command("try_rule", "moon")
    file = tmp_path / "rule.json"
    file.write_text(json.dumps({**SAYS, "figure": "moon"}))
    with pytest.raises(CommandError, match="There is no figure 'moon'"):
        call_command("try_rule", str(file))
