"""From a code to a reward: what counts, what is refused at once, what waits for a person, and what is taken back."""

from datetime import timedelta

import pytest

from apps.community import selectors, services
from apps.community.models import Advocate, Invite, Referral, ReferralDecision, ReferralReward
from apps.community.referrals import graph, links
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.experiments import services as experiments
from apps.milestones import services as milestones
from apps.milestones.models import Progress, RewardBalance, RewardClaim, RewardMovement
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
DAY = timedelta(days=1)
referrals = services.referrals


@pytest.fixture
def program(now):
    return make.program(now=now)


@pytest.fixture
def ann(program, now) -> Advocate:
    return make.advocate(program, now=now, name="Ann Lee", email="ann@ours.test")


def balance(account) -> dict[str, int]:
    rows = RewardBalance.objects.filter(account=account, book="account")
    return {row.currency or row.unit: int(row.amount) for row in rows}


def value(account, at) -> None:
    make.activity(account, at, name="report.shared")


def grow(row: Referral, *, now) -> Referral:
    referrals.look([row.pk], actor=ACTOR, now=now)
    row.refresh_from_db()
    return row


def signs(row: Referral) -> list[str]:
    return [sign["sign"] for sign in row.signs]


def test_a_reward_matures_with_the_friends_first_value_and_both_sides_get_theirs_once(now, ann):
    friend = make.friend(now=now)
    row = make.referral(ann, now=now, of=friend)
    assert (row.state, row.via, row.score, row.friend_account) == ("pending", "code", 0, friend)
    assert grow(row, now=now + DAY).state == "pending"

    value(friend, now + 2 * DAY)
    assert grow(row, now=now + 2 * DAY).state == "approved"
    assert (balance(ann.account), balance(friend)) == ({"points": 500}, {"USD": 20})
    for _ in range(3):
        referrals.look([row.pk], actor=ACTOR, now=now + 3 * DAY)
        referrals.issue_due(actor=ACTOR, now=now + 3 * DAY)
    assert (balance(ann.account), balance(friend)) == ({"points": 500}, {"USD": 20})
    assert RewardMovement.objects.filter(kind="grant").count() == 2
    told = Event.objects.filter(type="referral.rewarded").order_by("id").values_list("payload__side", "payload__amount", "payload__unit")
    assert list(told) == [("advocate", "500", "points"), ("friend", "20", "USD")]
    assert list(ReferralDecision.objects.filter(referral=row).order_by("id").values_list("state", flat=True)) == ["pending", "approved"]


def test_the_first_value_may_be_a_milestone(now):
    milestone = make.milestone("first-report")
    ann = make.advocate(make.program(now=now, first_value={"milestone": "first-report"}), now=now)
    friend = make.friend(now=now)
    row = make.referral(ann, now=now, of=friend)
    assert grow(row, now=now + DAY).state == "pending"
    reached = {"state": "achieved", "version": milestone.current, "achieved_at": now + DAY, "noticed_at": now + DAY, "via": "manual"}
    Progress.objects.update_or_create(account=friend, milestone=milestone, defaults=reached)
    assert grow(row, now=now + DAY).state == "approved"
    assert row.valued_at == now + DAY


@pytest.mark.parametrize(
    ("email", "sign"),
    [
        ("ann@ours.test", "self"),
        ("Ann+new@OURS.test", "self"),
        ("sam@mailinator.com", "disposable"),
        ("sam@sub.yopmail.com", "disposable"),
    ],
)
def test_facts_refuse_at_once_and_are_never_a_doubt(now, ann, email, sign):
    row = make.referral(ann, now=now, email=email)
    assert (row.state, signs(row)) == ("refused", [sign])
    assert Event.objects.filter(type="referral.changed", payload__state="refused").count() == 1
    with pytest.raises(Refused, match="refused"):
        referrals.approve(row, reason="I like them", actor=ACTOR, now=now)
    assert ReferralReward.objects.count() == 0


def test_an_account_cannot_recommend_us_to_itself(now, ann):
    row = make.referral(ann, now=now, external_id=ann.account.external_id)
    assert (row.state, signs(row)[0]) == ("refused", "self")


def test_who_was_a_customer_before_is_no_friend(now, ann):
    old = make.account(created_at=now - timedelta(days=90))
    row = make.referral(ann, now=now, of=old)
    assert (row.state, signs(row)) == ("refused", ["existing"])
    make.contact(old, email="kim@old.test")
    other = make.referral(ann, now=now, of=make.friend(now=now), email="Kim+2@old.test")
    assert (other.state, signs(other), other.reason) == ("refused", ["existing"], "This person is with a customer already.")


def test_an_account_whose_row_came_late_is_old_by_its_own_beginning(now, ann):
    row = make.referral(ann, now=now, of=make.friend(now=now, started_on=(now - timedelta(days=40)).date()))
    assert signs(row) == ["existing"]


def test_the_first_who_recommended_us_counts(now, program, ann):
    bo = make.advocate(program, now=now)
    first = make.referral(ann, now=now, email="noor@firm.test")
    second = make.referral(bo, now=now, email="Noor+b@firm.test")
    assert (first.state, second.state, signs(second)) == ("pending", "refused", ["already"])


def test_a_sign_up_told_twice_is_the_same_also_under_another_key(now, program, ann):
    friend = make.friend(now=now)
    said = referrals.SignUp(key="one", at=now, code=ann.code, email="noor@firm.test", external_id=friend.external_id)
    first = referrals.sign_up(program, said, actor=ACTOR, now=now)
    again = referrals.sign_up(program, said, actor=ACTOR, now=now + DAY)
    other = referrals.sign_up(program, referrals.SignUp(key="two", at=now, code=ann.code, external_id=friend.external_id), actor=ACTOR, now=now + DAY)
    assert first.pk == again.pk == other.pk
    assert Event.objects.filter(type="referral.changed").count() == 1


def test_the_same_payer_waits_for_a_person(now, ann):
    ann.account.traits = {"payer": "card-1"}
    ann.account.save()
    row = make.referral(ann, now=now, of=make.friend(now=now), payer="CARD-1 ")
    assert (row.state, signs(row), row.score, row.reason) == ("flagged", ["payer"], 70, "The same payer pays for both.")
    assert "card" not in row.payer


def test_a_payer_who_is_told_later_stops_the_reward_too(now, ann):
    friend = make.friend(now=now)
    row = make.referral(ann, now=now, of=friend)
    for account in (ann.account, friend):
        account.traits = {"payer": "card-1"}
        account.save()
    value(friend, now + DAY)
    assert grow(row, now=now + DAY).state == "flagged"
    assert ReferralReward.objects.count() == 0


def test_the_same_organisation_waits_for_a_person(now, ann):
    by_mail = make.referral(ann, now=now, email="kim@ours.test")
    assert (by_mail.state, signs(by_mail), by_mail.reason) == ("flagged", ["organisation"], "Both are at ours.test.")
    group = make.friend(now=now, parent=ann.account)
    assert signs(make.referral(ann, now=now, of=group)) == ["organisation"]


def test_a_mailbox_that_everybody_has_is_no_organisation(now, program):
    ann = make.advocate(program, now=now, email="ann@gmail.com")
    assert make.referral(ann, now=now, email="kim@gmail.com").state == "pending"


def test_a_pair_and_a_ring_are_found_in_the_graph(now, program):
    accounts = [make.account(created_at=now, domain=f"ring{number}.test") for number in range(4)]
    people = [referrals.join(program, contact=make.contact(one), actor=ACTOR, now=now) for one in accounts]
    for giver, taker in ((0, 1), (1, 2), (2, 3)):
        assert make.referral(people[giver], now=now, of=accounts[taker]).state == "pending"
    ring = make.referral(people[3], now=now, of=accounts[0])
    assert (ring.state, signs(ring), ring.score) == ("flagged", ["ring"], 60)
    assert ring.reason == "3 referrals lead from the friend back to the advocate."

    pair = [make.account(created_at=now) for _ in range(2)]
    both = [referrals.join(program, contact=make.contact(one), actor=ACTOR, now=now) for one in pair]
    make.referral(both[0], now=now, of=pair[1])
    back = make.referral(both[1], now=now, of=pair[0])
    assert (back.state, signs(back)) == ("flagged", ["reciprocal"])
    assert graph.steps_between(accounts[0].pk, accounts[3].pk) == 3


def test_many_in_a_day_and_many_from_one_network_wait_for_a_person(now, program, ann):
    rows = [make.referral(ann, now=now + timedelta(minutes=number)) for number in range(5)]
    assert [row.state for row in rows] == ["pending"] * 4 + ["flagged"]
    assert signs(rows[4]) == ["velocity"]

    near = [make.referral(make.advocate(program, now=now), now=now, address=f"8.8.4.{number}") for number in range(4)]
    assert [row.state for row in near] == ["pending"] * 3 + ["flagged"]
    assert signs(near[3]) == ["network"]
    assert "8.8" not in near[0].network
    assert make.referral(make.advocate(program, now=now), now=now, address="10.0.0.7").network == ""


def test_a_coupon_that_goes_round_waits_for_a_person(now, program, ann):
    friend = make.friend(now=now)
    make.referral(ann, now=now, of=friend, coupon="WELCOME-7")
    second = referrals.join(program, contact=make.contact(friend), actor=ACTOR, now=now)
    row = make.referral(second, now=now, coupon="welcome-7")
    assert (row.state, signs(row)) == ("flagged", ["coupon"])
    assert row.reason == "The friend used the coupon with which the advocate was recommended."


def test_staff_decide_with_a_reason_and_both_ways_are_logged(now, ann):
    friend = make.friend(now=now, parent=ann.account)
    value(friend, now)
    row = make.referral(ann, now=now, of=friend)
    with pytest.raises(Refused, match="Say why"):
        referrals.approve(row, reason=" ", actor=ACTOR, now=now)
    assert referrals.approve(row, reason="A daughter with its own budget", actor=Actor("user", "7"), now=now).state == "approved"
    assert balance(friend) == {"USD": 20}
    told = ReferralDecision.objects.filter(referral=row).order_by("id").values_list("state", "reason", "actor", "score")
    assert list(told) == [
        ("flagged", "Both accounts belong to one group of companies.", "job:test", 60),
        ("pending", "A daughter with its own budget", "user:7", 60),
        ("approved", "The friend's account got value.", "user:7", 60),
    ]
    with pytest.raises(Refused, match="approved"):
        referrals.refuse(row, reason="No", actor=ACTOR, now=now)


def test_a_program_may_send_every_sign_up_to_a_person(now):
    ann = make.advocate(make.program(now=now, automatic_under=0), now=now)
    assert make.referral(ann, now=now).state == "flagged"


def test_a_refund_takes_back_what_was_given_and_only_once(now, ann):
    friend = make.friend(now=now)
    row = make.referral(ann, now=now, of=friend)
    value(friend, now)
    grow(row, now=now)
    for _ in range(2):
        referrals.void(row, reason="Refunded", at=now + 20 * DAY, actor=ACTOR, now=now + 20 * DAY)
    row.refresh_from_db()
    assert (row.state, balance(ann.account), balance(friend)) == ("voided", {"points": 0}, {"USD": 0})
    assert set(ReferralReward.objects.values_list("state", "reason")) == {("reversed", "Refunded")}
    assert RewardMovement.objects.filter(kind="reverse").count() == 2
    assert set(RewardClaim.objects.values_list("state", flat=True)) == {"reversed"}
    told = Event.objects.filter(type="referral.rewarded").order_by("id").values_list("payload__amount", flat=True)
    assert list(told) == ["500", "20", "-500", "-20"]


def test_a_refund_before_the_reward_means_that_none_is_given(now, ann):
    friend = make.friend(now=now)
    row = make.referral(ann, now=now, of=friend)
    referrals.void(row, reason="Refunded", at=now + DAY, actor=ACTOR, now=now + DAY)
    value(friend, now + 2 * DAY)
    assert grow(row, now=now + 2 * DAY).state == "voided"
    assert RewardClaim.objects.count() == 0


def test_a_refund_after_the_window_changes_nothing(now, ann):
    row = make.referral(ann, now=now, of=make.friend(now=now))
    with pytest.raises(Refused, match="more than 60 days"):
        referrals.void(row, reason="Refunded", at=now + 61 * DAY, actor=ACTOR, now=now + 61 * DAY)
    row.refresh_from_db()
    assert row.state == "pending"


def test_an_account_that_leaves_soon_makes_its_referral_void(now, ann):
    friend = make.friend(now=now)
    row = make.referral(ann, now=now, of=friend)
    value(friend, now)
    grow(row, now=now)
    assert referrals.void_for_leaver(friend.pk, actor=ACTOR, now=now + 30 * DAY) == 1
    row.refresh_from_db()
    assert (row.state, row.reason) == ("voided", "The friend's account left.")


def test_a_reward_over_the_cap_is_left_out_and_the_friend_still_gets_theirs(now):
    ann = make.advocate(make.program(now=now, per_month=1), now=now)
    friends = [make.friend(now=now) for _ in range(2)]
    for friend in friends:
        row = make.referral(ann, now=now, of=friend)
        value(friend, now)
        grow(row, now=now)
    assert balance(ann.account) == {"points": 500}
    assert [balance(friend) for friend in friends] == [{"USD": 20}, {"USD": 20}]
    capped = ReferralReward.objects.get(state="capped")
    assert (capped.side, capped.reason) == ("advocate", "At most 1 rewards for one advocate in a month.")


def test_without_a_budget_the_reward_waits_and_says_so_until_there_is_one(now):
    program = make.program(now=now, advocate={"unit": "credits", "currency": "EUR", "amount": 30}, friend=None)
    ann, friend = make.advocate(program, now=now), make.friend(now=now)
    row = make.referral(ann, now=now, of=friend)
    value(friend, now)
    assert grow(row, now=now).state == "approved"
    due = ReferralReward.objects.get()
    assert (due.state, due.reason, balance(ann.account)) == ("due", "This month has no budget of EUR.", {})
    milestones.plan_budget(month=now.date().replace(day=1), amount=100, unit="credits", currency="EUR", actor=ACTOR, now=now)
    assert referrals.issue_due(actor=ACTOR, now=now) == 1
    assert balance(ann.account) == {"EUR": 30}


def test_points_that_were_promised_are_given_in_full_whatever_pacing_and_holdouts_say(now, ann):
    experiments.draw_holdout(key="rewards", share_percent=50, reason="What do rewards bring?", actor=ACTOR, now=now)
    friend = make.friend(now=now)
    row = make.referral(ann, now=now, of=friend)
    value(friend, now)
    grow(row, now=now)
    claim = RewardClaim.objects.get(account=ann.account)
    assert (claim.asked, claim.amount, claim.factors, claim.cause) == (500, 500, {}, f"referral:{row.pk}:advocate")


def test_a_sign_up_without_a_code_is_recovered_by_its_invitation_and_held_for_seven_days(now, program, ann, mailless):
    invite = referrals.invite(ann, address="noor@firm.test", actor=ACTOR, now=now)
    friend = make.friend(now=now)
    row = make.referral(ann, now=now + DAY, of=friend, code="", email="Noor@firm.test")
    assert (row.via, row.invite, row.hold_until) == ("recovered", invite, now + 8 * DAY)
    value(friend, now + DAY)
    assert grow(row, now=now + 2 * DAY).state == "pending"
    assert grow(row, now=now + 8 * DAY).state == "approved"


def test_a_colleague_of_somebody_invited_is_recovered_by_the_domain_unless_two_invited_there(now, program, ann, mailless):
    referrals.invite(ann, address="noor@firm.test", actor=ACTOR, now=now)
    assert make.referral(ann, now=now, code="", email="kim@firm.test").via == "recovered"
    referrals.invite(make.advocate(program, now=now), address="lou@firm.test", actor=ACTOR, now=now)
    with pytest.raises(Refused, match="Nothing says who"):
        make.referral(ann, now=now, code="", email="max@firm.test")


def test_an_invitation_older_than_the_window_recovers_nothing(now, ann, mailless):
    referrals.invite(ann, address="noor@firm.test", actor=ACTOR, now=now)
    with pytest.raises(Refused, match="Nothing says who"):
        make.referral(ann, now=now + 31 * DAY, code="", email="noor@firm.test")


def test_a_click_counts_for_thirty_days(now, ann):
    token = referrals.click(ann, now=now)
    assert make.referral(ann, now=now + 30 * DAY, code=token, of=make.friend(now=now + 30 * DAY)).via == "link"
    late = make.referral(ann, now=now + 31 * DAY, code=token, of=make.friend(now=now + 31 * DAY))
    assert (late.state, signs(late)) == ("refused", ["late"])


def test_a_code_that_looks_signed_and_is_not_ours_means_nothing(now, ann):
    for said in (f"{ann.code}~tampered", links.link_token(ann.code)[:-1], "NOSUCH12"):
        with pytest.raises(Refused, match="not known"):
            make.referral(ann, now=now, code=said)
    assert make.referral(ann, now=now, code=ann.code.lower()).via == "code"


def test_a_source_tells_of_a_sign_up_by_a_trait_and_the_account_may_come_later_than_the_api(now, program, ann):
    friend = make.friend(now=now, traits={"referral_code": ann.code})
    make.contact(friend, email="new@friends.test")
    assert referrals.take([friend.pk], actor=ACTOR, now=now) == 1
    assert referrals.take([friend.pk], actor=ACTOR, now=now) == 0
    assert Referral.objects.get().friend_account == friend

    row = make.referral(ann, now=now, external_id="later-1")
    assert row.friend_account is None
    later = make.friend(now=now, external_id="later-1")
    value(later, now)
    referrals.take([later.pk], actor=ACTOR, now=now)
    row.refresh_from_db()
    assert (row.friend_account, row.state) == (later, "approved")


def test_the_offer_is_shown_once_to_a_person_and_not_to_who_declined_or_is_held_out(now, program, ann):
    assert referrals.join(program, contact=ann.contact, actor=ACTOR, now=now + DAY).pk == ann.pk
    declined = make.contact(make.account())
    declined.sharing_choices.create(surface="referral", allowed=False, source="preferences", actor="contact:1", at=now)
    with pytest.raises(Refused, match="does not want"):
        referrals.join(program, contact=declined, actor=ACTOR, now=now)
    declined.sharing_choices.create(surface="referral", allowed=True, source="preferences", actor="contact:1", at=now)
    assert referrals.join(program, contact=declined, actor=ACTOR, now=now).code

    everybody = [make.contact(make.account()) for _ in range(40)]
    experiments.draw_holdout(key="referrals", share_percent=20, reason="What does it bring?", actor=ACTOR, now=now)
    hidden = [person for person in everybody if selectors.referrals.is_hidden_from(person.account_id, now=now)]
    assert 0 < len(hidden) < 20
    for person in hidden:
        with pytest.raises(Refused, match="held out"):
            referrals.join(program, contact=person, actor=ACTOR, now=now)


def test_a_program_is_read_strictly_and_its_versions_do_not_change_what_is_under_way(now, program, ann):
    from apps.community.referrals.definition import Flaws

    says = {**program.current.definition, "advocate": {"unit": "points", "amount": 900, "currency": ""}}
    friend = make.friend(now=now)
    row = make.referral(ann, now=now, of=friend)
    assert referrals.save_version(program, says=says, actor=ACTOR, now=now).number == 2
    assert referrals.save_version(program, says=says, actor=ACTOR, now=now).number == 2
    value(friend, now)
    grow(row, now=now)
    assert balance(ann.account) == {"points": 500}
    for part, place in (
        ({"first_value": {"milestone": "a", "activity": "b"}}, "first_value"),
        ({"friend": {"unit": "credits", "amount": 5}}, "friend.currency"),
        ({"advocate": None, "friend": None}, "advocate"),
        ({"windw": 3}, ""),
        ({"first_value": {"milestone": "nowhere"}}, "first_value.milestone"),
        ({"goes_to": "javascript:alert(1)"}, "goes_to"),
    ):
        with pytest.raises(Flaws) as caught:
            referrals.save_version(program, says={**says, **part}, actor=ACTOR, now=now)
        assert caught.value.flaws[0][0] == place


def test_a_paused_program_takes_nothing_new_and_ends_what_is_under_way(now, program, ann):
    friend = make.friend(now=now)
    row = make.referral(ann, now=now, of=friend)
    referrals.turn(program, "paused", actor=ACTOR, now=now)
    ann.program.refresh_from_db()
    with pytest.raises(Refused, match="takes nothing new"):
        make.referral(ann, now=now)
    value(friend, now)
    assert grow(row, now=now).state == "approved"


def test_networks_are_forgotten_after_thirty_days(now, ann):
    referrals.click(ann, address="8.8.8.8", now=now)
    row = make.referral(ann, now=now, address="8.8.8.8")
    assert row.network
    assert referrals.forget_networks(now=now + 30 * DAY) == 0
    assert referrals.forget_networks(now=now + 31 * DAY) == 2
    row.refresh_from_db()
    assert row.network == ""


def test_nothing_that_is_kept_names_the_friend(now, ann, mailless):
    referrals.invite(ann, address="noor.k@firm.test", actor=ACTOR, now=now)
    make.referral(ann, now=now, email="noor.k@firm.test", payer="DE89-3704", coupon="NOOR10", address="8.8.8.8")
    kept = [str(vars(row)) for model in (Invite, Referral, ReferralDecision) for row in model.objects.all()]
    kept += [str(payload) for payload in Event.objects.filter(type__startswith="referral").values_list("payload", flat=True)]
    assert not [words for words in kept if "noor" in words.lower() or "firm.test" in words or "3704" in words or "8.8.8" in words]
