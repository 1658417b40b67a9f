"""Nobody is named where they did not choose to be; leaving counts at once; small boards show nobody."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.events.models import Event
from apps.milestones import selectors, services
from apps.milestones.models import BoardPlace
from apps.milestones.rewards.granting import settle
from cs_platform import invariants
from tests import make
from tests.milestones import rewarding

pytestmark = pytest.mark.django_db


@pytest.fixture
def board(now):
    fields = {"name": "Builders", "circle": "public", "cohort": "plan", "least": 3}
    return services.write_board(key="builders", fields=fields, actor=make.ACTOR, now=now)


@pytest.fixture
def people(now):
    """Six people of two companies on the same plan, with 10 to 60 points; and one of another plan."""
    rewarding.budget(now, 100_000)
    rule = rewarding.rule(now)
    accounts = [make.account(plan="Pro"), make.account(plan="Pro"), make.account(plan="Basic")]
    found = []
    for number in range(7):
        account = accounts[2 if number == 6 else number % 2]
        one = make.contact(account, name=f"Secret Name{number}")
        settle(rule, rewarding.cause(account, f"c{number}", now, 10 * (number + 1), contact_id=one.pk), actor=make.ACTOR, now=now)
        found.append(one)
    return found


def say(person, level, now, **fields):
    services.choose_recognition(contact=person, level=level, actor=make.ACTOR, now=now, **fields)


def test_who_said_nothing_is_nowhere_in_any_byte_and_still_reads_their_own_place(board, people, now):
    for person in people[:4]:
        say(person, "public", now)
    say(people[4], "company", now)
    services.reckon_all(now=now)

    page = selectors.board_page(board, reader=people[5])

    assert [(place.rank, place.name, place.points) for place in page.people] == [
        (1, "Secret Name3", 40),
        (2, "Secret Name2", 30),
        (3, "Secret Name1", 20),
        (4, "Secret Name0", 10),
    ]
    for silent in people[4:]:
        assert silent.name not in repr(page)
    # Ranked among those who are seen, told to nobody else, without a name.
    assert (page.own.rank, page.own.points, page.own.name) == (1, 60, "")
    assert selectors.recognition_of(people[5]) == ("none", True)
    assert not BoardPlace.objects.filter(contact__in=people[4:]).exists()


def test_leaving_removes_somebody_at_once_and_moves_up_who_stood_behind(board, people, now):
    for person in people[:5]:
        say(person, "public", now)
    services.reckon_all(now=now)
    say(people[4], "team", now)
    page = selectors.board_page(board, reader=people[3])
    assert [place.name for place in page.people] == [f"Secret Name{number}" for number in (3, 2, 1, 0)]
    assert (page.people[0].rank, page.people[0].mine) == (1, True)
    assert not BoardPlace.objects.filter(contact=people[4]).exists()
    assert Event.objects.filter(type="recognition.changed").last().payload["level"] == "team"
    assert invariants.broken(now) == []


def test_below_the_minimum_nobody_is_shown_and_comparable_accounts_only(board, people, now):
    for person in (*people[:2], people[6]):
        say(person, "public", now)
    services.reckon_all(now=now)
    page = selectors.board_page(board, reader=people[0])
    assert (page.people, page.count, page.as_of) == (None, None, None)
    assert page.own.points == 10
    say(people[2], "public", now)
    services.reckon_all(now=now)
    assert "Secret Name6" not in repr(selectors.board_page(board, reader=people[0]))
    assert selectors.board_page(board, reader=people[6]).people is None


def test_a_made_up_name_stands_for_who_wants_no_other(board, people, now):
    for person in people[:3]:
        say(person, "public", now, by_name=False)
    second = services.write_board(key="two", fields={"name": "Two", "circle": "public", "least": 3}, actor=make.ACTOR, now=now)
    services.reckon_all(now=now)
    pages = [selectors.board_page(one, reader=people[5]) for one in (board, second)]
    assert "Secret" not in repr([page.people for page in pages])
    names = [{place.name for place in page.people} for page in pages]
    assert (len(names[0]), names[0] & names[1]) == (3, set())


def test_a_team_board_is_for_one_account_and_a_company_board_for_its_family(people, now):
    parent = people[0].account
    type(parent).objects.filter(pk=people[1].account_id).update(parent=parent)
    for person in people:
        say(person, "company", now)
    team = services.write_board(key="team", fields={"name": "Team", "circle": "team", "least": 3}, actor=make.ACTOR, now=now)
    company = services.write_board(key="company", fields={"name": "Company", "circle": "company", "least": 3}, actor=make.ACTOR, now=now)
    services.reckon_all(now=now)
    assert [place.points for place in selectors.board_page(team, reader=people[0]).people] == [50, 30, 10]
    assert [place.points for place in selectors.board_page(company, reader=people[0]).people] == [60, 50, 40, 30, 20, 10]


def test_pages_are_walked_by_where_one_stands_and_equals_share_a_rank(board, now):
    account, rule = make.account(plan="Pro"), rewarding.rule(now)
    rewarding.budget(now, 100_000)
    for number in range(9):
        one = make.contact(account)
        points = 10 * (number // 2 + 1)
        settle(rule, rewarding.cause(account, f"c{number}", now, points, contact_id=one.pk), actor=make.ACTOR, now=now)
        say(one, "public", now)
    services.reckon_all(now=now)
    ranks, after = [], ""
    while after is not None:
        page = _page(board, one, after)
        ranks += [(place.rank, int(place.points)) for place in page.people]
        after = page.after
    assert ranks == [(1, 50), (2, 40), (2, 40), (4, 30), (4, 30), (6, 20), (6, 20), (8, 10), (8, 10)]


def _page(board, reader, after):
    from apps.milestones.recognition.boards import page

    return page(board, reader=reader, after=after, limit=2)


def test_old_points_and_reversed_ones_do_not_count_on_a_board(board, people, now):
    for person in people[:4]:
        say(person, "public", now)
    from apps.milestones.models import RewardClaim

    services.reverse(RewardClaim.objects.get(contact=people[3]), reason="x", actor=make.ACTOR, now=now)
    services.reckon_all(now=now)
    assert [place.points for place in selectors.board_page(board, reader=people[0]).people] == [30, 20, 10]
    services.reckon_all(now=now + timedelta(days=29))
    assert selectors.board_page(board, reader=people[0]).people is None
    assert Decimal(0) == sum(BoardPlace.objects.values_list("points", flat=True))
