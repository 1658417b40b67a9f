"""The path designer: the form shows what the milestone says, drafts are kept as they are, publishing makes one version and shows the difference."""

from datetime import timedelta

import pytest

from apps.accounts.types import Role
from apps.core import clock
from apps.dashboards.models import PathDraft
from apps.dashboards.selectors.milestones import graph
from apps.milestones import selectors as milestones_read
from apps.milestones import services as milestones
from apps.milestones.models import Held, Milestone, MilestoneVersion
from tests import make
from tests.make import ACTOR

from .test_play_builder import Form

pytestmark = pytest.mark.django_db
NEW = "/milestones/design/"


@pytest.fixture
def lead(client):
    client.force_login(make.user(Role.ADMINISTRATOR))
    return client


def form(answer, status=200):
    assert answer.status_code == status, answer.content[-600:]
    return Form(answer.content.decode())


def said(key: str):
    return Milestone.objects.select_related("current").get(key=key).current.definition


RICH = {
    "words": {
        "en": {"name": "Rich", "text": "Do it.", "hint": "So"},
        "de": {"name": "Reich", "text": "Tun."},
        "fr": {"name": "Riche", "text": "Fais."},
    },
    "value": "They see it.",
    "criteria": {
        "all": [
            {"count": "report.shared", "at_least": 5, "within_days": 28},
            {"any": [{"trait": "sso", "is": True}, {"metric": "seats_used_percent", "at_least": 50}, {"sum": "rows", "at_least": 100.5}]},
            {"milestone": "base"},
        ]
    },
    "needs": ["base"],
    "audience": {"tier": ["gold", "silver"], "plan": ["Pro"]},
    "visible": False,
    "variants": [{"key": "gentle", "factor": 0.7, "hint": {"en": "Easy", "de": "Leicht"}}, {"key": "standard", "factor": 1.0}],
    "days": {"behind": 10, "stuck": 30},
}
DEEP = {"all": [{"any": [{"all": [{"trait": "a", "is": "x"}, {"trait": "b", "is": 2}]}, {"trait": "c", "is": False}]}, {"trait": "d", "is": True}]}


@pytest.mark.parametrize(
    "says",
    [
        RICH,
        {**RICH, "criteria": {"manual": {"proof": "Their minutes"}}, "variants": [{"key": "standard", "factor": 1.0}]},
        {**RICH, "criteria": DEEP},
    ],
    ids=["lines", "manual", "deep"],
)
def test_publishing_what_is_shown_changes_nothing(lead, says):
    make.milestone("base")
    if says["criteria"] is DEEP:
        says = {**says, "variants": [{"key": "standard", "factor": 1.0}]}
    made = milestones.create(key="rich", name="Rich", says=says, actor=ACTOR, now=clock.now())
    milestones.turn(made, "live", actor=ACTOR, now=clock.now())
    before = said("rich")
    shown = form(lead.get(f"{NEW}rich/"))
    assert shown.flaws == []
    answer = lead.post(f"{NEW}rich/", shown.post(do="publish"))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/milestones/rich/")
    assert said("rich") == before
    assert MilestoneVersion.objects.filter(milestone__key="rich").count() == 1


def test_a_milestone_is_designed_from_nothing_kept_as_a_draft_and_published(lead):
    make.milestone("base")
    page = form(lead.get(NEW))
    assert page.flaws == []
    page = form(lead.post(NEW, page.post(name="Shares often", value="Others decide by it.", criteria__rows__0__kind="count", do="refresh")))
    assert page.value("key") == "shares-often"
    changes = {"criteria.rows.0.name": "report.shared", "criteria.rows.0.at_least": "5", "criteria.rows.0.within_days": "28"}
    changes |= {"words.en.text": "Share five reports.", "words.de.name": "Teilt oft", "words.de.text": "Teilen Sie fünf Berichte.", "needs": "base"}
    answer = lead.post(NEW, {**page.post(do="keep"), **changes})
    assert answer.status_code == 302
    draft = PathDraft.objects.get()
    assert (draft.milestone, draft.name, draft.key) == (None, "Shares often", "shares-often")
    assert not Milestone.objects.filter(key="shares-often").exists()
    assert "Shares often" in lead.get("/milestones/design/").content.decode()

    url = answer.headers["Location"]
    assert url == f"{NEW}?draft={draft.pk}"
    published = lead.post(url, form(lead.get(url)).post(do="publish", note="The first"))
    assert published.headers["Location"] == "/milestones/shares-often/"
    made = Milestone.objects.select_related("current").get(key="shares-often")
    assert (made.state, made.current.number, made.current.note) == ("live", 1, "The first")
    assert {name: part for name, part in said("shares-often").items() if part} == {
        "words": {"en": {"name": "Shares often", "text": "Share five reports."}, "de": {"name": "Teilt oft", "text": "Teilen Sie fünf Berichte."}},
        "value": "Others decide by it.",
        "criteria": {"count": "report.shared", "at_least": 5.0, "within_days": 28},
        "needs": ["base"],
        "variants": [{"key": "gentle", "factor": 0.7}, {"key": "standard", "factor": 1.0}, {"key": "stretch", "factor": 1.3}],
    }
    assert not PathDraft.objects.exists()


def test_a_draft_may_be_full_of_flaws_and_judges_nobody(lead):
    make.milestone("first")
    page = form(lead.get(f"{NEW}first/"))
    broken = {"criteria.rows.0.at_least": "many", "days.behind": "40", "days.stuck": "20"}
    kept = form(lead.post(f"{NEW}first/", {**page.post(do="keep"), **broken}))
    draft = PathDraft.objects.get(milestone__key="first")
    assert draft.says["criteria"]["at_least"] == "many"
    assert kept.value("criteria.rows.0.at_least") == "many"
    assert kept.flaws
    refused = form(lead.post(f"{NEW}first/", kept.post(do="publish")), 422)
    assert refused.value("criteria.rows.0.at_least") == "many"
    assert MilestoneVersion.objects.filter(milestone__key="first").count() == 1
    # Thrown away, the form shows what is published.
    assert lead.post(f"{NEW}first/", kept.post(do="discard")).status_code == 302
    assert form(lead.get(f"{NEW}first/")).value("criteria.rows.0.at_least") == "5"
    assert not PathDraft.objects.exists()


def test_publishing_shows_the_difference_and_makes_one_version(lead):
    make.milestone("first")
    page = form(lead.get(f"{NEW}first/"))
    looked = lead.post("/milestones/design/look/?milestone=first", page.post(criteria__rows__0__at_least="7")).content.decode()
    assert "<del>“report.shared” 5 times</del>" in looked
    assert "<ins>“report.shared” 7 times</ins>" in looked
    assert said("first")["criteria"]["at_least"] == 5
    lead.post(f"{NEW}first/", page.post(criteria__rows__0__at_least="7", note="Five was too easy", do="publish"))
    version = Milestone.objects.get(key="first").current
    assert (version.number, version.note, version.definition["criteria"]["at_least"]) == (2, "Five was too easy", 7)


def test_a_version_published_meanwhile_is_told_and_nothing_typed_is_lost(lead, now):
    first = make.milestone("first")
    page = form(lead.get(f"{NEW}first/"))
    milestones.save_version(first, says={**first.current.definition, "value": "Somebody else’s"}, actor=ACTOR, now=now)
    page = form(lead.post(f"{NEW}first/", page.post(value="Mine", do="publish")), 409)
    assert said("first")["value"] == "Somebody else’s"
    assert page.value("value") == "Mine"
    assert lead.post(f"{NEW}first/", page.post(do="publish")).status_code == 302
    assert said("first")["value"] == "Mine"


def test_two_people_keeping_drafts_do_not_overwrite_each_other_unseen(client, lead):
    make.milestone("first")
    page = form(lead.get(f"{NEW}first/"))
    mine = form(lead.post(f"{NEW}first/", page.post(value="Mine", do="keep")))
    other = form(lead.post(f"{NEW}first/", page.post(value="Theirs", do="keep")), 409)
    assert PathDraft.objects.get().says["value"] == "Mine"
    assert other.value("value") == "Theirs"
    form(lead.post(f"{NEW}first/", other.post(do="keep")))
    assert PathDraft.objects.get().says["value"] == "Theirs"
    form(lead.post(f"{NEW}first/", mine.post(do="keep")), 409)


def test_a_circle_and_an_end_that_is_not_there_are_told_at_their_field(lead):
    make.milestone("first")
    make.milestone("second", needs=["first"])
    page = form(lead.get(f"{NEW}first/"))
    answer = lead.post(f"{NEW}first/", page.post(needs="second", do="publish"))
    shown = form(answer, 422)
    assert any("This leads in a circle" in flaw for flaw in shown.flaws)
    assert said("first").get("needs", []) == []


def test_lines_groups_variants_and_languages_come_and_go_and_undo_takes_the_last_back(lead):
    page = form(lead.get(NEW))
    page = form(lead.post(NEW, page.post(name="A", criteria__rows__0__kind="trait", do="refresh")))
    page = form(lead.post(NEW, page.post(criteria__rows__0__name="sso", criteria__rows__0__is="yes", do="group")))
    assert "criteria.rows.1.rows.0.kind" in dict(page.fields)
    page = form(lead.post(NEW, page.post(do="variant")))
    assert page.value("variants.3.key") == "easier"
    page = form(lead.post(NEW, page.post(do="drop:variants.3")))
    assert "variants.3.key" not in dict(page.fields)
    page = form(lead.post(NEW, page.post(do="undo")))
    assert page.value("variants.3.key") == "easier"
    page = form(lead.post(NEW, page.post(do="language:fr")))
    assert "words.fr.name" in dict(page.fields)
    page = form(lead.post(NEW, page.post(do="drop:criteria.rows.0")))
    assert page.value("criteria.rows.0.kind") == ""


def test_the_consequence_counts_who_would_have_reached_it_and_how_long_it_took(lead, now):
    at = clock.now()
    for number in range(4):
        account = make.account(started_on=(at - timedelta(days=60)).date(), tier="gold" if number < 3 else "")
        make.activity(account, *[at - timedelta(days=50 - 10 * number - step) for step in range(5)], name="report.shared")
    make.account(started_on=(at - timedelta(days=60)).date(), tier="gold")
    make.account(stage="churned")
    before = make.milestone("first")
    page = form(lead.get(f"{NEW}first/"))
    looked = " ".join(lead.post("/milestones/design/look/?milestone=first", page.post()).content.decode().split())
    assert "<b>4</b> of 5 customers would have reached it in the last 90 days" in looked
    assert "Half of them were there" in looked
    gold = " ".join(lead.post("/milestones/design/look/?milestone=first", page.post(audience__tier="gold")).content.decode().split())
    assert "<b>3</b> of 4 customers would have reached it in the last 90 days" in gold
    assert before.versions.count() == 1


def test_looking_ahead_is_what_judging_then_finds_and_stores_nothing(now):
    accounts = [make.account(started_on=(now - timedelta(days=80)).date(), traits={"sso": number % 2 == 0}) for number in range(6)]
    for number, account in enumerate(accounts):
        make.activity(account, *[now - timedelta(days=70 - 12 * number - step) for step in range(5)], name="report.shared")
    criteria = {"all": [{"count": "report.shared", "at_least": 5}, {"trait": "sso", "is": True}]}
    says = {"words": {"en": {"name": "A", "text": "B"}}, "value": "C", "criteria": criteria}
    seen = milestones_read.foresee(milestones_read.readable(says), days=90, now=now)
    assert not Held.objects.exists()
    made = make.milestone("both", criteria=criteria)
    milestones.evaluate_all(now=now, actor=ACTOR)
    assert (seen.on_path, seen.reached, seen.sampled) == (6, made.progress.achieved().count(), 1)
    assert seen.reached == 3


def test_only_leads_and_administrators_design(client, staff):
    make.milestone("first")
    for answer in (staff.get(NEW), staff.get(f"{NEW}first/"), staff.post(NEW, {"do": "keep"}), staff.post("/milestones/design/look/", {})):
        assert answer.status_code == 403
    assert not PathDraft.objects.exists()
    assert "Design the path" not in staff.get("/milestones/").content.decode()


@pytest.mark.parametrize("word", ["x", "0", "999999999999", "-1"])
def test_a_draft_that_is_none_is_not_found(lead, word):
    assert lead.get(f"{NEW}?draft={word}").status_code == 404


def test_hostile_forms_are_answered_and_break_nothing(lead):
    make.milestone("first")
    for posted in (
        {"criteria.rows.0.raw": "[" * 2_000, "do": "publish"},
        {"criteria.rows": "x", "criteria.rows.0.kind": "count", "name": "\x00", "do": "keep"},
        {"words.en": "x", "variants.0.key": "a", "variants.0.factor": "1e309", "do": "publish"},
        {"do": "drop:criteria.rows.9.rows.9"},
        {"do": "undo", "before": "[1,2"},
        {"seen": "9" * 30, "kept": "x" * 300, "needs": ["first"] * 50, "do": "keep"},
    ):
        answer = lead.post(f"{NEW}first/", posted)
        assert answer.status_code in (200, 302, 409, 422), posted
    assert MilestoneVersion.objects.count() == 1


def test_the_picture_puts_each_milestone_behind_what_it_needs():
    make.milestone("first")
    make.milestone("second", needs=["first"])
    make.milestone("third", needs=["first", "second"])
    drawn = graph.with_draft("fourth", "Fourth", ["third"])
    assert {node.key: (node.column, node.row) for node in drawn.nodes} == {"first": (0, 0), "second": (1, 0), "third": (2, 0), "fourth": (3, 0)}
    assert [line.fresh for line in drawn.lines] == [False, False, False, True]
    # A circle that is only typed is drawn all the same.
    assert len(graph.with_draft("first", "First", ["third"]).nodes) == 3
