"""Given a history, expect steps: one account in memory, the engine's own decisions."""

import pytest

from apps.interventions import play_tests
from apps.interventions.definition import read

STEPS = [
    {"id": "hello", "kind": "message", "channel": "email", "template": "hello"},
    {"id": "answer", "kind": "wait_for", "event": "reply", "minutes": 1440, "on_event": "thanks"},
    {"id": "fork", "kind": "branch", "cases": [{"when": {"fact": "open_tickets", "op": "over", "value": 0}, "go": "call"}]},
    {"id": "again", "kind": "message", "channel": "sms", "template": "hello", "next": "watch"},
    {"id": "call", "kind": "task", "title": "Call"},
    {"id": "thanks", "kind": "task", "title": "Thank them", "next": "watch"},
    {"id": "watch", "kind": "watch"},
]


def says(**parts):
    return read({"trigger": {"kind": "manual"}, "steps": STEPS, **parts})


def outcome(test, **parts):
    return play_tests.run(says(**parts), [{"name": "it", **test}])[0]


def steps(outcome):
    return [line.got for line in outcome.lines]


def test_a_run_takes_its_steps_at_their_times():
    found = outcome(
        {"expect": [{"step": "hello", "at": "+0d"}, {"step": "answer"}, {"step": "fork", "at": "+1d 00:00"}, {"step": "again"}, {"step": "watch"}]}
    )
    assert (found.passed, found.words) == (True, "")
    assert steps(found) == ["+0d 00:00 hello", "+0d 00:00 answer", "+1d 00:00 fork", "+1d 00:00 again", "+1d 00:00 watch"]


def test_facts_decide_a_branch():
    found = outcome({"given": [{"at": "+0d 12:00", "fact": {"open_tickets": 2}}]})
    assert [line.partition(" ")[2].partition(" ")[2] for line in steps(found)] == ["hello", "answer", "fork", "call", "thanks", "watch"]


def test_a_reply_ends_the_wait_that_waits_for_it_and_any_other_run():
    awaited = outcome(
        {
            "given": [{"at": "+0d 10:00", "reply": "gladly"}],
            "expect": [{"step": "hello"}, {"step": "answer"}, {"step": "thanks", "at": "+0d 10:00"}, {"step": "watch"}],
        }
    )
    assert awaited.passed
    late = outcome({"given": [{"at": "+2d", "reply": "gladly"}], "exit": "replied"})
    assert late.words.startswith("Expected no step")
    assert outcome(
        {
            "given": [{"at": "+2d", "reply": "gladly"}],
            "expect": [{"step": name} for name in ("hello", "answer", "fork", "again", "watch")],
            "exit": "replied",
        }
    ).passed


def test_the_first_line_that_differs_is_named():
    found = outcome({"expect": [{"step": "hello"}, {"step": "fork"}]})
    assert not found.passed
    assert found.words == "Expected then fork, and +0d 00:00 answer came."
    assert [line.same for line in found.lines] == [True, False, False, False, False]


def test_an_account_that_does_not_fit_never_enters():
    audience = {"fact": "health_band", "op": "is", "value": "poor"}
    trigger = {"kind": "event", "event": "risk.raised", "when": {"to_band": "high"}}
    raised = {"at": "+0d 09:00", "event": "risk.raised", "to_band": "high"}
    fine = outcome({"given": [raised], "enters": False}, audience=audience, trigger=trigger)
    assert fine.passed
    assert "did not fit the audience" in outcome({"given": [raised]}, audience=audience, trigger=trigger).words
    other = {**raised, "to_band": "medium"}
    assert "nothing that the test gives is its trigger" in outcome({"given": [other]}, trigger=trigger).words
    poor = {"at": "+0d", "fact": {"health_band": "poor"}}
    assert outcome({"given": [poor, raised], "expect": [{"step": "hello", "at": "+0d 09:00"}]}, audience=audience, trigger=trigger).lines[0].same


@pytest.mark.parametrize(
    ("mode", "given", "exit"),
    [
        ("goal", [{"at": "+0d 08:00", "goal": True}], "goal"),
        ("unmatched", [{"at": "+0d 08:00", "fact": {"health_band": "good"}}], "unmatched"),
        ("goal", [], "timeout"),
    ],
)
def test_every_exit_has_its_reason(mode, given, exit):
    audience = {"fact": "health_band", "op": "is", "value": "poor"}
    poor = [{"at": "+0d", "fact": {"health_band": "poor"}}, {"at": "+0d", "start": True}]
    found = play_tests.run(says(exit_mode=mode, audience=audience), [{"name": "it", "given": [*poor, *given], "exit": exit}])[0]
    assert "ended by" not in found.words
    wrong = play_tests.run(
        says(exit_mode=mode, audience=audience),
        [{"name": "it", "given": [*poor, *given], "expect": [{"step": line.got.split()[-1]} for line in found.lines], "exit": "manual"}],
    )[0]
    assert wrong.words == f"Expected it to end by manual, and it ended by {exit}."


def test_a_schedule_lets_in_at_its_hour():
    trigger = {"kind": "schedule", "every": "week", "weekday": "wednesday", "at": "07:30"}
    audience = {"fact": "arr", "op": "over", "value": 1000}
    found = outcome({"given": [{"at": "+0d", "fact": {"arr": 5000}}]}, trigger=trigger, audience=audience)
    assert found.lines[0].got == "+2d 07:30 hello"


def test_a_goal_of_doing_something_counts_only_what_is_done_after_entry():
    goal = {"reached": {"kind": "activity", "name": "report_created", "times": 2}}
    done = [{"at": f"+0d 0{hour}:00", "activity": "report_created"} for hour in (1, 3, 5)]
    found = outcome(
        {
            "given": [done[0], {"at": "+0d 02:00", "start": True}, *done[1:]],
            "expect": [{"step": "hello", "at": "+0d 02:00"}, {"step": "answer"}],
            "exit": "goal",
        },
        goal=goal,
    )
    assert found.words == ""


def test_flaws_of_tests_are_told_by_place():
    tests = [{"name": "a", "given": [{"at": "+0d", "reply": "x", "goal": True}], "expect": [{"at": "soon"}], "exit": "bored", "more": 1}, 7]
    assert [place for place, _ in play_tests.flaws_of(tests)] == [
        "tests[0].more",
        "tests[0].given[0]",
        "tests[0].expect[0].at",
        "tests[0].exit",
        "tests[1]",
    ]
    assert play_tests.flaws_of({}) == [("tests", "A list of tests.")]
