"""Plays as files: out, in, the same afterwards; every flaw told by its place."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.core.actor import Actor
from apps.events.models import Event
from apps.interventions import library, play_files, play_tests
from apps.interventions.definition import Flaws
from apps.interventions.models import Play, PlayVersion
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def take(said, now, **more):
    return play_files.imported(json.dumps(said), actor=ACTOR, now=now, **more)


@pytest.mark.parametrize("key", library.names())
def test_a_play_that_goes_out_and_comes_in_again_is_the_same_play(key, now):
    library.ensure(now=now)
    play = Play.objects.select_related("current").get(key=key)
    text = play_files.exported(play)
    assert (lambda done: (done.change, done.number))(play_files.imported(text, actor=ACTOR, now=now)) == ("nothing", 1)
    other = json.loads(text) | {"key": f"{key}-2"}
    twin = take(other, now).play
    assert twin.current.definition == play.current.definition
    assert (twin.current.tests, twin.name, twin.why, twin.state) == (play.current.tests, play.name, play.why, "draft")


def test_a_changed_file_becomes_the_next_version_and_keeps_the_state(now):
    play = make.play(key="calls", name="Calls")
    said = json.loads(play_files.exported(play))
    said["definition"]["steps"][0]["minutes"] = 90
    said["name"] = "Calls, later"
    done = take(said, now)
    play.refresh_from_db()
    assert (done.change, done.number, play.current.number, play.name, play.state) == ("version", 2, 2, "Calls, later", "live")
    assert play.current.definition["steps"][0]["minutes"] == 90


def test_a_dry_import_says_what_would_happen_and_stores_nothing(now):
    said = json.loads(play_files.exported(make.play(key="calls")))
    before = (Play.objects.count(), PlayVersion.objects.count(), Event.objects.count())
    assert take(said | {"key": "other"}, now, dry_run=True).change == "created"
    said["definition"]["holdout_percent"] = 20
    assert take(said, now, dry_run=True).change == "version"
    assert (Play.objects.count(), PlayVersion.objects.count(), Event.objects.count()) == before


def test_every_flaw_of_a_file_is_told_by_its_place_and_nothing_is_stored(now):
    said = json.loads(play_files.exported(make.play(key="calls")))
    said["definition"]["steps"][0]["minutes"] = -5
    said["definition"]["steps"][1]["title"] = ""
    said["definition"]["entry"] = {"again": "sometimes"}
    said |= {"key": "wrong key", "tests": [{"name": "", "given": [{"at": "tomorrow", "reply": "yes"}]}]}
    versions = PlayVersion.objects.count()
    with pytest.raises(Flaws) as refused:
        take(said, now)
    assert [place for place, _ in refused.value.flaws] == [
        "key",
        "tests[0].name",
        "tests[0].given[0].at",
        "definition.entry.again",
        "definition.steps[0].minutes",
        "definition.steps[1].title",
    ]
    assert dict(refused.value.flaws)["definition.steps[0].minutes"] == "At least 0."
    assert (Play.objects.count(), PlayVersion.objects.count()) == (1, versions)


def test_a_file_that_is_no_json_is_told_by_line(now):
    with pytest.raises(Flaws) as refused:
        play_files.imported('{"format": 1,\n "key": oops}', actor=ACTOR, now=now)
    assert refused.value.flaws[0][0] == "line 2, column 9"
    assert not Play.objects.exists()


def test_the_commands_bring_a_play_from_one_house_to_another(tmp_path):
    make.play(key="calls", name="Calls")
    file = tmp_path / "calls.json"
    call_command("export_play", "calls", out=str(file), stdout=StringIO())
    file.write_text(file.read_text().replace('"key": "calls"', '"key": "calls-there"'))
    said = StringIO()
    call_command("import_play", str(file), json=True, stdout=said)
    assert json.loads(said.getvalue()) == {"key": "calls-there", "change": "created", "version": 1, "templates": [], "dry_run": False}
    assert Play.objects.get(key="calls-there").current.definition["steps"][0]["minutes"] == 5
    file.write_text(file.read_text().replace('"kind": "wait"', '"kind": "weight"'))
    with pytest.raises(CommandError, match="definition.steps\\[0\\].kind: “weight” is not one of the possible words"):
        call_command("import_play", str(file))
    with pytest.raises(CommandError, match="There is no play 'nothing'"):
        call_command("export_play", "nothing")


def test_tests_of_files_fail_the_command_by_name(tmp_path):
    make.play(
        key="calls", tests=[{"name": "calls at once", "expect": [{"step": "wait-1", "at": "+0d 00:00"}, {"step": "task-2", "at": "+0d 00:01"}]}]
    )
    file = tmp_path / "calls.json"
    call_command("export_play", "calls", out=str(file), stdout=StringIO())
    said = StringIO()
    with pytest.raises(CommandError, match="1 test of plays failed"):
        call_command("test_plays", str(file), stdout=said)
    assert "FAILED calls: calls at once\n       Expected +0d 00:01 task-2, and +0d 00:05 task-2 came." in said.getvalue()


def test_the_tests_that_ship_with_the_library_pass():
    said = StringIO()
    call_command("test_plays", json=True, stdout=said)
    told = json.loads(said.getvalue())
    assert told["failed"] == 0
    assert told["passed"] >= len(library.names())
    assert all(play_tests.flaws_of(json.loads(path.read_text())["tests"]) == [] for path in library.files())
