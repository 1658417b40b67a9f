"""The pages of referrals: a look leaves nothing behind, and what strangers and advocates read is theirs alone."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.apps import apps

from apps.community import services
from apps.community.models import Advocate, Invite, ReferralClick
from apps.community.referrals import links
from apps.core.actor import Actor
from apps.messaging.models import Message, Suppression
from apps.milestones import selectors as milestones
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
referrals = services.referrals


@pytest.fixture
def program(now):
    return make.program(now=now, key="friends")


@pytest.fixture
def ann(program, now) -> Advocate:
    return make.advocate(program, now=now, name="Ann Lee", email="ann@ours.test")


def rows() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def landing(advocate) -> str:
    return f"/c/r/{links.link_token(advocate.code)}"


def test_looking_at_the_page_leaves_nothing_and_names_nobody(client, ann):
    before = rows()
    for method in (client.get, client.head):
        answer = method(landing(ann))
        assert (answer.status_code, answer.cookies) == (200, {})
    assert rows() == before
    page = client.get(landing(ann)).content.decode()
    assert "Harbourlight" in page
    assert "For you: 20 USD" in page
    assert "Ann" not in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("accepts", "asked", "words"), [("de-AT,de;q=0.9", "", "Für Sie: 20 USD"), ("en", "?lang=de", "Ihnen empfohlen"), ("fr", "", "For you")]
)
def test_it_speaks_german_and_english(client, ann, accepts, asked, words):
    answer = client.get(landing(ann) + asked, headers={"Accept-Language": accepts})
    assert words in answer.content.decode()


def test_the_page_may_load_its_style_and_lead_on_to_the_product_and_nothing_else(client, ann):
    policy = client.get(landing(ann))["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";") if part.strip())
    assert parts == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self' https://product.test",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def test_the_button_counts_once_per_browser_and_leads_on_with_a_code_of_the_click(client, program, ann):
    answer = client.post(landing(ann), REMOTE_ADDR="8.8.8.8")
    told = urlsplit(answer["Location"])
    assert (answer.status_code, f"{told.scheme}://{told.netloc}{told.path}") == (303, "https://product.test/start")
    [touch] = parse_qs(told.query)["ref"]
    click = ReferralClick.objects.get()
    assert links.meaning(touch) == links.Meaning(ann.code, click_id=click.pk)
    cookie = answer.cookies["cs_ref"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == ("/c/r/", True, "Lax", 30 * 86_400)
    assert "8.8" not in click.network
    assert len(click.network) == 64

    bo = make.advocate(program, now=click.at)
    again = client.post(landing(bo))
    assert parse_qs(urlsplit(again["Location"]).query)["ref"] == [touch], "the first recommendation within the window stands"
    assert ReferralClick.objects.count() == 1


def test_a_link_that_is_over_says_so_and_a_made_up_one_is_none(client, program, ann, now):
    referrals.turn(program, "ended", actor=ACTOR, now=now)
    assert client.get(landing(ann)).status_code == 410
    assert client.post(landing(ann)).status_code == 410
    assert client.get(f"/c/r/{ann.code}").status_code == 404
    assert client.get(f"/c/r/{ann.code}~AAAA").status_code == 404
    assert ReferralClick.objects.count() == 0


def own(contact, now) -> str:
    from apps.core import clock

    return f"/c/recommend/{milestones.path_token(contact, now=clock.now())}"


def test_a_customers_own_page_gives_the_link_by_a_button_and_invites_by_another(client, program, now, mailless):
    person = make.contact(make.account(), name="Kim Vos", locale="de")
    page = own(person, now)
    before = rows()
    assert "Sie erhalten 500 points" not in client.get(page).content.decode()
    assert "Sie erhalten 500 Punkte, die anderen 20 USD" in client.get(page).content.decode()
    assert rows() == before

    answer = client.post(f"{page}/friends/join")
    assert (answer.status_code, answer["Location"]) == (303, f"{page}?told=joined#told-now")
    code = Advocate.objects.get().code
    assert f"/c/r/{code}~" in client.get(page).content.decode()

    assert "told=invited" in client.post(f"{page}/friends/invite", {"email": "noor@firm.test", "language": "de"})["Location"]
    message = Message.objects.get()
    assert (message.guest != "", message.locale, message.subject) == (True, "de", "Kim Vos empfiehlt Harbourlight")
    assert f"/c/r/{code}.{Invite.objects.get().pk}~" in message.body
    assert "told=no_address" in client.post(f"{page}/friends/invite", {"email": "nobody"})["Location"]


def test_the_page_lists_ones_own_recommendations_without_naming_who_signed_up(client, ann, now):
    make.referral(ann, now=now, email="noor@firm.test")
    page = client.get(own(ann.contact, now)).content.decode()
    assert "Signed up on 11 March 2026: waits for their first result" in page
    assert "noor" not in page


def test_staff_who_look_at_the_page_change_nothing(client, program, ann):
    from apps.core import clock

    token = milestones.path_token(ann.contact, now=clock.now(), only_look=True)
    assert "Invite" not in client.get(f"/c/recommend/{token}").content.decode()
    assert client.post(f"/c/recommend/{token}/friends/invite", {"email": "noor@firm.test"}).status_code == 404
    assert Invite.objects.count() == 0


def test_who_declined_reads_so_and_is_offered_nothing(client, program, now):
    person = make.contact(make.account())
    person.sharing_choices.create(surface="referral", allowed=False, source="preferences", actor="contact:1", at=now)
    page = own(person, now)
    assert "You have chosen not to be asked" in client.get(page).content.decode()
    client.post(f"{page}/friends/join")
    assert Advocate.objects.count() == 0


def test_an_invitation_has_one_answer_for_whoever_cannot_be_invited(client, program, ann, now, mailless):
    bo = make.advocate(program, now=now)
    referrals.invite(bo, address="noor@firm.test", actor=ACTOR, now=now)
    make.contact(make.account(), email="customer@firm.test")
    Suppression.objects.create(channel="email", address="bounced@firm.test", reason="It bounced.", at=now)
    page = own(ann.contact, now)
    for address in ("Noor+x@firm.test", "customer@firm.test", "bounced@firm.test"):
        assert client.post(f"{page}/friends/invite", {"email": address})["Location"] == f"{page}?told=not_this_person#told-now"
    assert Invite.objects.count() == 1


def test_no_address_book_is_uploaded_a_day_has_ten_invitations(now, ann, mailless):
    from apps.core.errors import Refused

    for number in range(10):
        referrals.invite(ann, address=f"n{number}@firm.test", actor=ACTOR, now=now + timedelta(minutes=number))
    with pytest.raises(Refused, match="10 invitations a day"):
        referrals.invite(ann, address="n10@firm.test", actor=ACTOR, now=now + timedelta(hours=1))
    assert referrals.invite(ann, address="n10@firm.test", actor=ACTOR, now=now + timedelta(hours=25)).pk


def test_who_declines_has_nothing_sent_any_more(now, ann, mailless):
    referrals.invite(ann, address="noor@firm.test", actor=ACTOR, now=now)
    assert referrals.take_back(ann.contact_id, actor=ACTOR, now=now) == 1
    message = Message.objects.get()
    assert (message.state, message.address) == ("cancelled", "")
