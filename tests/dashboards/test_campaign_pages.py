"""Pages of campaigns: the form says what the definition says, the consequence stands before the launch, everybody has one reason."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from apps.accounts.types import Role
from apps.campaigns import services as campaigns
from apps.campaigns.models import Campaign, Recipient
from apps.dashboards.campaign_form import reading
from apps.dashboards.segment_form import draft as drafts
from tests import make

from .test_play_builder import Form

pytestmark = pytest.mark.django_db
GOAL = {"reached": {"kind": "activity", "name": "report.viewed", "times": 2}}
FULL = {
    "segment": "gold",
    "people": {"who": "all", "roles": ["admin"]},
    "when": {"kind": "recurring", "every": "week", "at": "10:30", "weekday": "friday", "local": False},
    "channels": ["in_app", "email"],
    "choice": "learned",
    "hour": "best",
    "variants": [{"name": "a", "template": "news"}, {"name": "b", "template": "other", "weight": 2.0}],
    "blocks": {"offer": [{"segment": "gold", "words": {"en": "Gold", "de": "Gold!"}}, {"words": {"en": "All"}}]},
    "holdout_percent": 20.0,
    "goal": GOAL,
    "window_days": 14,
    "promotion": False,
    "lane": "nurture",
    "again_days": 60,
    "still_in_segment": False,
    "budget": {"money": 50.0, "recipients": 100},
    "throttle_per_hour": 500,
    "expires_hours": 24,
}


def posted(page):
    data = QueryDict(mutable=True)
    for name, values in Form(page).post().items():
        data.setlist(name, values)
    return data


@pytest.fixture
def lead(client):
    user = make.user(None, is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def gold(lead, now):
    for number in range(10):
        make.contact(
            make.account(owner=lead, name=f"Gold {number}", tier="gold"), name=f"Ada {number}", email="" if number == 9 else f"a{number}@x.test"
        )
    make.news()
    return make.segment("gold", {"kind": "field", "name": "tier", "value": "gold"}, now=now - timedelta(hours=1))


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("message", FULL),
        ("message", {"when": {"kind": "once", "at": "2027-01-02T09:00"}, "variants": [{"name": "a", "template": "news"}]}),
        (
            "message",
            {"when": {"kind": "event", "event": "milestone.achieved", "when": {"key": "first"}}, "variants": [{"name": "a", "template": "news"}]},
        ),
        ("message", {"when": {"kind": "enters"}, "segment": "gold", "variants": [{"name": "a", "template": "news"}]}),
        ("sequence", {"when": {"kind": "manual"}, "sequence": "save"}),
        (
            "survey",
            {
                "when": {"kind": "manual"},
                "variants": [{"name": "a", "template": "news"}],
                "survey": {"kind": "csat", "drip": True, "question": {"en": "And?", "de": "Und?"}, "loop": {"scores_at_most": 2, "hours": 24}},
            },
        ),
    ],
)
def test_a_definition_comes_back_from_the_form_as_it_was(client, now, gold, kind, says):
    make.contact(make.account(), locale="de")
    campaign = campaigns.campaigns.create(key="one", name="One", why="Why", kind=kind, says=says, actor=make.ACTOR, now=now)
    if says is FULL:
        assert "every Friday at 10:30 UTC" in client.get("/campaigns/").content.decode()
    data = posted(client.get("/campaigns/one/edit/").content.decode())
    found = drafts.posted(data, roots=reading.ROOTS, say=reading.said, key="one").says
    assert campaigns.definition.plain(campaigns.definition.read(found, kind)) == campaign.current.definition


def test_a_campaign_is_built_its_consequence_told_launched_and_watched(client, now, gold):
    form = {"name": "Spring", "why": "They grow.", "kind": "message", "reach.segment": "gold", "when.kind": "manual", "reach.channels": ["email"]}
    form |= {"variants.0.name": "a", "variants.0.template": "news", "trial.holdout_percent": "20", "limits.promotion_shown": "yes"}
    looked = client.post("/campaigns/look/", form).content.decode()
    assert "No address on these channels" in looked
    assert "when somebody starts it" in looked
    assert client.post("/campaigns/new/", {**form, "do": "save"})["Location"] == "/campaigns/spring/"
    campaign = Campaign.objects.select_related("current").get(key="spring")
    assert (campaign.state, campaign.current.definition["promotion"]) == ("draft", False)
    assert "Before you launch" in client.get("/campaigns/spring/").content.decode()
    client.post("/do/campaigns/spring/launch/")
    client.post("/do/campaigns/spring/start/")
    campaigns.campaigns.advance(now=now + timedelta(minutes=1))
    held = Recipient.objects.filter(state="held_out").count()
    page = client.get("/campaigns/spring/").content.decode()
    assert f"{9 - held} of {9 - held} had their turn" in page
    client.post("/do/campaigns/spring/pause/", {"why": "The price is wrong"})
    assert "The price is wrong" in client.get("/campaigns/spring/").content.decode()


def test_everybody_stands_in_the_list_with_one_reason_and_the_last_page_is_walked_by_key(client, now, gold, lead):
    for number in range(60):
        make.contact(make.account(owner=lead, name=f"More {number}", tier="gold"), email=f"m{number}@x.test")
    campaigns.segments.refresh(now=now, actor=make.ACTOR)
    campaign = make.campaign(says={"segment": "", "holdout_percent": 0}, live_at=now, key="all", name="All")
    campaigns.campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.campaigns.advance(now=now)
    first = client.get("/campaigns/all/?view=people").content.decode()
    after = first.split("after=")[1].split('"')[0].split("&")[0]
    second = client.get(f"/campaigns/all/?view=people&after={after}").content.decode()
    assert (first.count("<tr data-row"), second.count("<tr data-row")) == (50, 20)
    left = client.get("/campaigns/all/?view=people&left=no_address").content.decode()
    assert left.count("<tr data-row") == 1
    assert "No address on these channels" in left


def test_results_say_cannot_tell_yet_beside_what_doing_nothing_gave(client, now, gold):
    campaign = make.campaign(
        says={"segment": "gold", "holdout_percent": 30, "goal": GOAL}, live_at=now - timedelta(minutes=5), key="spring", name="Spring"
    )
    campaigns.campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.campaigns.advance(now=now)
    page = client.get("/campaigns/spring/?view=results").content.decode()
    assert "annot tell yet" in page
    assert "Reached it anyway, of those held out" in page
    assert "Last touch" in page
    assert "cannot tell yet" in client.get("/campaigns/").content.decode()


def test_a_preview_shows_the_words_of_the_readers_segment_and_language(client, now, gold, lead):
    reader = make.contact(gold.memberships.first().account, name="Greta Gold", locale="de", email="g@x.test")
    for locale in ("en", "de"):
        make.news("offer", locale=locale, body=f"{locale}: {{{{ blocks.offer }}}}")
    form = {"kind": "message", "when.kind": "manual", "reach.channels": ["email"], "variants.0.name": "a", "variants.0.template": "offer"}
    form |= {"blocks.0.slot": "offer", "blocks.0.segment": "gold", "blocks.0.words.en": "Gold offer", "blocks.0.words.de": "Gold-Angebot"}
    form |= {"blocks.1.slot": "offer", "blocks.1.words.en": "Plain", "contact": str(reader.pk), "who": "Greta"}
    page = client.post("/campaigns/preview/", form).content.decode()
    assert "de: Gold-Angebot" in page


def test_the_calendar_and_the_surveys_open_and_tell_of_the_own_book(client, now, gold, lead):
    person = gold.memberships.first().account.contacts.first()
    make.message(person, now=now, state="sent", sent_at=now, claimed_at=now, lane="broadcast")
    page = client.get("/campaigns/calendar/").content.decode()
    assert '<span class="cs-r-lane"><span>broadcast</span><b>1</b></span>' in page
    asked = make.asked(make.contact(make.account(owner=lead)), now=now, key="nps", loop={"scores_at_most": 6})
    campaigns.surveys.answer(asked, score=3, comment="Slow", language="en", now=now)
    listed = client.get("/surveys/").content.decode()
    assert "NPS -100" in listed
    assert "“Slow”" in listed
    assert "1 of 1 whom it reached have answered" in client.get("/surveys/nps/").content.decode()


@pytest.mark.parametrize(("role", "write"), [(Role.VIEWER, 403), (Role.CSM, 403), (Role.TEAM_LEAD, 200)])
def test_who_may_read_and_who_may_write(client, now, role, write):
    make.campaign(key="one", name="One")
    client.force_login(make.user(role))
    paths = ("/campaigns/", "/campaigns/one/", "/campaigns/one/?view=results", "/campaigns/calendar/", "/surveys/")
    assert [client.get(path).status_code for path in paths] == [200] * 5
    assert [client.get(path).status_code for path in ("/campaigns/new/", "/campaigns/one/edit/")] == [write, write]
    if write == 403:
        assert [client.post(f"/do/campaigns/one/{what}/").status_code for what in ("launch", "archive")] == [403, 403]
