"""The builder: what the form shows is what the play says, every button keeps what is typed, and flaws stand at their fields."""

import json
from html.parser import HTMLParser

import pytest
from django.test import Client

from apps.accounts.types import Role
from apps.core import clock, flags
from apps.interventions import differences, library
from apps.interventions.models import Play, PlayVersion
from tests import make

pytestmark = pytest.mark.django_db


class Form(HTMLParser):
    """What a browser would post of the builder's form, and the flaws that stand in it."""

    def __init__(self, page):
        super().__init__()
        self.fields, self.flaws, self.ids, self.invalid = [], [], [], []
        self._in_form, self._select, self._option, self._text, self._flaw = False, None, None, None, False
        self.feed(page)

    def handle_starttag(self, tag, given):
        found = dict(given)
        if tag == "form" and "data-build" in found:
            self._in_form = True
        if not self._in_form:
            return
        if found.get("aria-invalid") == "true":
            self.invalid.append(found.get("name"))
        if "id" in found:
            self.ids.append(found["id"])
        if "cs-b-flaw" in (found.get("class") or "").split():
            self._flaw = True
        name = found.get("name")
        if tag == "input" and name:
            ticked = found.get("type") not in ("checkbox", "radio") or "checked" in found
            if ticked:
                self.fields.append((name, found.get("value", "on")))
        elif tag == "select":
            self._select, self._option = name, None
        elif tag == "option" and self._select:
            value = found.get("value")
            if self._option is None or "selected" in found:
                self._option = value
            if value is None and "selected" in found:
                self._option = "?"
        elif tag == "textarea":
            self._text = (name, "")

    def handle_data(self, data):
        if self._flaw:
            self.flaws.append(data)
        if self._text:
            self._text = (self._text[0], self._text[1] + data)
        if self._select and self._option == "?":
            self._option = data

    def handle_endtag(self, tag):
        if tag == "form":
            self._in_form = False
        if tag == "p":
            self._flaw = False
        if tag == "select" and self._select:
            self.fields.append((self._select, self._option or ""))
            self._select = None
        if tag == "textarea" and self._text:
            self.fields.append(self._text)
            self._text = None

    def post(self, **changes):
        """As a dict of lists; a change replaces every value of its name (dots as double underscores)."""
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        for name, value in changes.items():
            found[name.replace("__", ".")] = value if isinstance(value, list) else [value]
        return found

    def value(self, name):
        return dict(self.fields)[name]


@pytest.fixture
def lead(client):
    client.force_login(make.user(Role.ADMINISTRATOR))
    return client


def form(answer, status=200):
    assert answer.status_code == status, answer.content[-600:]
    return Form(answer.content.decode())


@pytest.mark.parametrize("key", library.names())
@pytest.mark.parametrize("view", ["canvas", "list", "file"])
def test_saving_what_is_shown_changes_nothing(lead, now, key, view):
    library.ensure(now=now)
    url = f"/plays/{key}/edit/"
    shown = form(lead.post(url, form(lead.get(url)).post(do=f"view:{view}")))
    answer = lead.post(url, shown.post(do="save", note="nothing"))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/plays/{key}/")
    play = Play.objects.select_related("current").get(key=key)
    assert differences.between(play.versions.get(number=1).definition, play.current.definition) == []
    assert play.current.number == 1


def test_a_play_is_built_from_nothing(lead):
    page = form(lead.get("/plays/new/"))
    assert page.flaws == []
    page = form(lead.post("/plays/new/", page.post(name="Ask the quiet", why="To hear from them.", do="add:0:message")))
    page = form(lead.post("/plays/new/", page.post(steps__0__template="hello", do="add:1:wait_for")))
    page = form(lead.post("/plays/new/", page.post(steps__1__minutes="3", do="add:2:task")))
    page = form(lead.post("/plays/new/", page.post(steps__2__title="Call them", steps__1__on_event="task", trigger__kind="audience", do="refresh")))
    page = form(lead.post("/plays/new/", page.post(**{"audience__rows__0__fact": "days_since_use"}, do="refresh")))
    changes = {"audience__rows__0__op": "at_least", "audience__rows__0__value": "14", "limits__holdout_percent": "15"}
    answer = lead.post("/plays/new/", page.post(**changes, do="save"))
    assert answer.headers["Location"] == "/plays/ask-the-quiet/"
    play = Play.objects.get(key="ask-the-quiet")
    assert (play.state, play.name, flags.play_share(play.key)) == ("draft", "Ask the quiet", 100)
    assert play.current.definition == {
        "trigger": {"kind": "audience"},
        "steps": [
            {"kind": "message", "id": "message", "channel": "auto", "template": "hello"},
            {"kind": "wait_for", "id": "wait-for", "event": "reply", "minutes": 4320.0, "on_event": "task"},
            {"kind": "task", "id": "task", "title": "Call them"},
        ],
        "audience": {"fact": "days_since_use", "op": "at_least", "value": 14.0},
        "holdout_percent": 15,
    }


def test_a_split_is_written_a_line_a_way_and_its_page_draws_the_ways(lead):
    page = form(lead.get("/plays/new/"))
    page = form(lead.post("/plays/new/", page.post(name="Two ways", why="Which is better?", do="add:0:split")))
    assert page.value("steps.0.ways") == "control\nother"
    page = form(lead.post("/plays/new/", page.post(steps__0__ways="control, 1, watch\ncall", do="add:1:task")))
    page = form(lead.post("/plays/new/", page.post(steps__1__title="Call them", do="add:2:watch")))
    wrong = form(lead.post("/plays/new/", page.post(steps__0__ways="control", do="save")), 422)
    assert wrong.invalid == ["steps.0.ways"]
    assert lead.post("/plays/new/", page.post(do="save")).headers["Location"] == "/plays/two-ways/"
    play = Play.objects.get(key="two-ways")
    ways = [{"name": "control", "go": "watch"}, {"name": "call"}]
    assert play.current.definition["steps"][0]["ways"] == ways
    shown = lead.get("/plays/two-ways/")
    assert shown.status_code == 200
    assert "drawn “control”" in shown.content.decode()
    again = form(lead.get("/plays/two-ways/edit/"))
    assert lead.post("/plays/two-ways/edit/", again.post(do="save")).headers["Location"] == "/plays/two-ways/"
    assert Play.objects.get(key="two-ways").current.number == 1


def test_a_wrong_word_stands_at_its_field_and_everything_typed_is_kept(lead):
    play = make.play(key="calls")
    url = "/plays/calls/edit/"
    wrong = {"steps__0__minutes": "soon", "steps__1__title": "", "limits__holdout_percent": "80", "entry__cooldown_days": "x", "why": "Because."}
    page = form(lead.post(url, form(lead.get(url)).post(**wrong, do="save")), status=422)
    assert sorted(page.invalid) == ["entry.cooldown_days", "limits.holdout_percent", "steps.0.minutes", "steps.1.title"]
    assert [page.value(name.replace("__", ".")) for name in wrong] == list(wrong.values())
    assert sorted(page.flaws) == ["At most 50.", "This is missing.", "This needs a number.", "This needs a whole number."]
    assert PlayVersion.objects.filter(play=play).count() == 1


def test_conditions_keep_groups_and_what_is_too_deep_for_rows(lead, now):
    deep = {"none": [{"all": [{"fact": "tier", "value": "a"}, {"any": [{"fact": "plan", "value": "b"}, {"fact": "plan", "value": "c"}]}]}]}
    nested = {"any": [{"fact": "arr", "op": "over", "value": 1000.0}, {"fact": "payment_failed", "value": True}]}
    audience = {"all": [{"fact": "tier", "op": "one_of", "value": ["gold", "silver"]}, nested, deep, {"fact": "health", "op": "known"}]}
    make.play(key="calls", says={"audience": audience})
    url = "/plays/calls/edit/"
    page = form(lead.get(url))
    assert lead.post(url, page.post(do="save")).status_code == 302
    assert PlayVersion.objects.get().definition["audience"] == audience
    page = form(lead.post(url, page.post(do="drop:audience.rows.2")))
    assert lead.post(url, page.post(do="save")).status_code == 302
    assert PlayVersion.objects.get(number=2).definition["audience"]["all"] == [audience["all"][0], nested, audience["all"][3]]


def test_a_group_that_is_added_waits_for_its_lines(lead):
    make.play(key="calls")
    url = "/plays/calls/edit/"
    page = form(lead.post(url, form(lead.get(url)).post(do="group:audience")))
    filled = {"audience__rows__0__rows__0__fact": "tier", "audience__rows__0__joint": "any"}
    page = form(lead.post(url, page.post(**filled, do="refresh")))
    assert (
        lead.post(url, page.post(**{"audience__rows__0__value": "gold", "audience__rows__0__rows__0__value": "gold"}, do="save")).status_code == 302
    )
    assert PlayVersion.objects.get(number=2).definition["audience"] == {"all": [{"any": [{"fact": "tier", "value": "gold"}]}]}


@pytest.mark.parametrize(
    ("do", "ids"),
    [
        ("up:1", ["b", "a", "c"]),
        ("down:1", ["a", "c", "b"]),
        ("up:0", ["a", "b", "c"]),
        ("down:2", ["a", "b", "c"]),
        ("copy:0", ["a", "a-2", "b", "c"]),
        ("drop:1", ["a", "c"]),
        ("add:1:end", ["a", "end", "b", "c"]),
        ("add:9:end", ["a", "b", "c"]),
        ("drop:7", ["a", "b", "c"]),
        ("nonsense", ["a", "b", "c"]),
    ],
)
def test_buttons_move_steps_and_undo_takes_it_back(lead, do, ids):
    make.play(key="calls", says={"steps": [{"kind": "wait", "id": name, "minutes": 5} for name in "abc"]})
    url = "/plays/calls/edit/"
    page = form(lead.post(url, form(lead.get(url)).post(do=do)))

    def shown(page):
        return [value for name, value in page.fields if name.startswith("steps.") and name.endswith(".id")]

    assert shown(page) == ids
    if ids != ["a", "b", "c"]:
        assert shown(form(lead.post(url, page.post(do="undo")))) == ["a", "b", "c"]


def test_a_step_that_goes_takes_the_jumps_to_it_along(lead):
    waits = {"kind": "wait_for", "id": "a", "event": "reply", "minutes": 5, "on_event": "c"}
    make.play(key="calls", says={"steps": [waits, {"kind": "wait", "id": "b", "minutes": 1}, {"kind": "end", "id": "c"}]})
    url = "/plays/calls/edit/"
    page = form(lead.post(url, form(lead.get(url)).post(do="drop:2")))
    assert lead.post(url, page.post(do="save")).status_code == 302
    assert PlayVersion.objects.get(number=2).definition["steps"][0] == {"kind": "wait_for", "id": "a", "event": "reply", "minutes": 5.0}


def test_two_who_write_at_once_are_told_and_nothing_is_lost(lead):
    play = make.play(key="calls")
    url = "/plays/calls/edit/"
    mine = form(lead.get(url))
    make.rewrite(play, now=clock.now(), holdout_percent=20)
    page = form(lead.post(url, mine.post(steps__1__title="Mine", do="save")), status=409)
    assert PlayVersion.objects.count() == 2
    assert page.value("steps.1.title") == "Mine"
    assert lead.post(url, page.post(do="save")).status_code == 302
    assert PlayVersion.objects.get(number=3).definition["steps"][1]["title"] == "Mine"


def test_the_file_can_be_edited_and_tells_its_flaws_by_place(lead):
    make.play(key="calls")
    url = "/plays/calls/edit/"
    page = form(lead.post(url, form(lead.get(url)).post(do="view:file")))
    said = json.loads(page.value("file"))
    said["definition"]["steps"][0]["minutes"] = -1
    answer = lead.post(url, page.post(file=json.dumps(said), do="save"))
    assert answer.status_code == 422
    assert "<code>steps[0].minutes</code> At least 0." in answer.content.decode()
    broken = form(lead.post(url, page.post(file='{"definition": oops', do="view:canvas")))
    assert broken.value("file") == '{"definition": oops'
    said["definition"]["steps"][0]["minutes"] = 7
    canvas = form(lead.post(url, page.post(file=json.dumps(said), do="view:canvas")))
    assert canvas.value("steps.0.minutes") == "7"


def test_a_fragment_is_told_where_to_go_after_saving(lead):
    make.play(key="calls")
    url = "/plays/calls/edit/"
    page = form(lead.get(url))
    answer = lead.post(f"{url}?part=build", page.post(do="save"), HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/plays/calls/")
    part = lead.post(f"{url}?part=build", page.post(do="add:0:end"), HTTP_HX_REQUEST="true")
    assert "<html" not in part.content.decode()


def test_what_it_would_mean_counts_who_fits_while_one_types(lead, now):
    make.play(key="calls")
    for name in ("gold", "gold", "silver"):
        make.account(tier=name)
    make.account(tier="gold", stage="churned")
    typed = form(lead.get("/plays/calls/edit/")).post(**{"audience__rows__0__fact": "tier", "audience__rows__0__value": "gold"})
    told = lead.post("/plays/look/?play=calls", typed).content.decode()
    assert "<b>2</b> of 3 customers fit now" in told
    assert "Audience" in told


@pytest.mark.parametrize("role", [Role.CSM, Role.VIEWER])
def test_who_only_reads_plays_does_not_write_them(client, role):
    make.play(key="calls")
    client.force_login(make.user(role))
    for method, url in [("get", "/plays/new/"), ("get", "/plays/calls/edit/"), ("post", "/plays/look/"), ("post", "/plays/calls/edit/")]:
        assert getattr(client, method)(url).status_code == 403
    assert client.get("/plays/calls/").status_code == 200
    assert PlayVersion.objects.count() == 1


def test_a_team_lead_writes_plays(client):
    make.play(key="calls")
    client.force_login(make.user(Role.TEAM_LEAD))
    assert client.get("/plays/calls/edit/").status_code == 200


def test_hostile_forms_do_not_break_the_page(lead):
    unknown = {"trigger.kind": "event", "trigger.event": "nothing", "trigger.when.a": "b"}
    nested = {"steps.0.kind.deep": "1", "steps.0.kind": "wait"}
    raw = {"audience.rows.0.raw": "{", "audience": "x"}
    for words in ({"steps.x.kind": "wait"}, nested, raw, {"before": "[", "do": "undo"}, {"tests": "{"}, unknown):
        assert lead.post("/plays/new/", words).status_code == 200
        assert Client().post("/plays/new/", words).status_code == 302
