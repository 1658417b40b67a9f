"""One milestone of everybody: the statement that finds accounts whose stored progress differs, to the day, from what the facts say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .catalogue import Catalogue
from .definition import Criterion, Definition
from .facts import BEGINNING
from .firsts import Measure
from .judging import counted, held_key
from .models import Milestone

# A share is rounded to a tenth of a per cent.
_SAME_SHARE = 0.11


class Comparing:
    """Puts the statement together: joins for what the criteria ask, and their fold into one day."""

    def __init__(
        self,
        milestone: Milestone,
        pairs: Sequence[tuple[int, str]],
        measures: Mapping[tuple[bool, int | None], Measure],
        listed: Catalogue,
    ) -> None:
        self._milestone, self._pairs, self._measures, self._listed = milestone, pairs, measures, listed
        self._ids = {one.key: one.pk for one in listed.live}
        self._joins: dict[str, str] = {}
        self._parameters: dict[str, Any] = {"milestone": milestone.pk, "current": milestone.current_id}

    def statement(self) -> tuple[str, dict[str, Any]]:
        current = self._milestone.current_id or 0
        says = self._listed.versions[current].says
        opened = self._greatest([f"({BEGINNING} at time zone 'UTC')::date", *(self._reached(key) for key in says.needs)])
        day = self._by_version(lambda own, factor: self._day(own.criteria, factor))
        have = self._by_version(self._have)
        fits = " and ".join(f"a.{name} = any({self._parameter(values)})" for name, values in (says.audience.lists if says.audience else {}).items())
        text = f"""
            select d.id from (
                select a.id, p.id as progress, p.state, p.version_id, p.started_at, p.have, p.opened_at, p.found_at,
                    {opened} as opened, {day} as day, {have} as has, {fits or "true"} as fits
                from accounts_account a
                left join milestones_progress p on p.account_id = a.id and p.milestone_id = %(milestone)s
                {" ".join(self._joins.values())}
                where {BEGINNING} <= %(now)s
                -- So each day is reckoned once, and not wherever it is compared.
                offset 0
            ) d where case
                when d.progress is null then d.fits and d.opened is not null
                else (d.opened_at at time zone 'UTC')::date is distinct from d.opened
                    or (d.found_at at time zone 'UTC')::date is distinct from
                        case when d.opened is not null and d.day is not null then greatest(d.day, d.opened) end
                    or (d.state <> 'achieved' and (abs(d.have - d.has) > {_SAME_SHARE}
                        or (d.started_at is null and d.version_id is distinct from %(current)s)))
            end
        """  # noqa: S608 (put together from our own constants; every value is a parameter)
        return text, self._parameters

    def _by_version(self, told: Callable[[Definition, float], str]) -> str:
        """The expression for the version and variant that a row is judged by; for rows that are not there, the current one as it is."""
        current = self._milestone.current_id or 0
        found = []
        for version, variant in self._pairs:
            says = self._listed.versions[version].says
            fixed = "(p.started_at is not null or p.state = 'achieved')"
            which = f"p.version_id = {version} and {fixed}" if version != current else f"(p.version_id = {version} or not {fixed})"
            found.append((f"{which} and p.variant = {self._parameter(variant)}", told(says, says.variant(variant).factor)))
        usual = told(self._listed.versions[current].says, 1.0)
        if all(expression == usual for _, expression in found):
            return usual
        return "case " + " ".join(f"when {which} then {expression}" for which, expression in found) + f" else {usual} end"

    def _day(self, criterion: Criterion, factor: float) -> str:
        """The day (UTC) on which the criteria were fulfilled, or null."""
        if criterion.all is not None:
            return self._greatest([self._day(part, factor) for part in criterion.all])
        if criterion.any is not None:
            return f"least({', '.join(self._day(part, factor) for part in criterion.any)})"
        if criterion.milestone is not None:
            return self._reached(criterion.milestone)
        if criterion.manual is not None:
            return "null::date"
        if not criterion.name:
            return f"({self._held(held_key(criterion))}.since at time zone 'UTC')::date"
        leaf = counted(criterion, factor)
        measure = self._measures[leaf.by_value, leaf.days]
        column = f"{measure.key}_{list(measure.thresholds[leaf.name]).index(leaf.asked) + 1}"
        return f"nullif({self._firsts(leaf.name)}.{column}, 'infinity')"

    def _have(self, says: Definition, factor: float) -> str:
        leaves = list(says.criteria.leaves())
        if len(leaves) == 1 and leaves[0].name:
            return self._amount(leaves[0])
        return "0.0" if says.manual else f"100 * {self._share(says.criteria, factor)}"

    def _share(self, criterion: Criterion, factor: float) -> str:
        """As judging.have folds it."""
        if criterion.all is not None:
            return f"(({' + '.join(self._share(part, factor) for part in criterion.all)}) / {len(criterion.all)})"
        if criterion.any is not None:
            return f"greatest({', '.join(self._share(part, factor) for part in criterion.any)})"
        part = f"least(1.0, greatest(0.0, {self._amount(criterion)} / {criterion.asked(factor)}))" if criterion.name else "0.0"
        return f"(case when {self._day(criterion, factor)} is not null then 1.0 else {part} end)"

    def _amount(self, leaf: Criterion) -> str:
        measure = self._measures[leaf.sum is not None, leaf.within_days]
        return f"coalesce({self._firsts(leaf.name)}.{measure.key}_have, 0)"

    def _firsts(self, name: str) -> str:
        place = next(iter(self._measures.values())).places[name]
        return self._join("f", place, "left join milestone_firsts {0} on {0}.account_id = a.id and {0}.place = {1}")

    def _held(self, what: str) -> str:
        return self._join("h", what, "left join milestones_held {0} on {0}.account_id = a.id and {0}.what = {1}")

    def _reached(self, key: str) -> str:
        told = "left join milestones_progress {0} on {0}.account_id = a.id and {0}.milestone_id = {1}"
        return f"({self._join('m', self._ids.get(key, 0), told)}.achieved_at at time zone 'UTC')::date"

    def _join(self, letter: str, what: Any, text: str) -> str:
        """The alias of a join that is made once."""
        known = f"{letter}:{what}"
        alias = f"{letter}{list(self._joins).index(known) if known in self._joins else len(self._joins)}"
        if known not in self._joins:
            self._joins[known] = text.format(alias, self._parameter(what))
        return alias

    def _parameter(self, value: Any) -> str:
        name = f"p{len(self._parameters)}"
        self._parameters[name] = value
        return f"%({name})s"

    @staticmethod
    def _greatest(days: Sequence[str]) -> str:
        """Null where one is null, other than SQL's own."""
        if len(days) == 1:
            return days[0]
        return f"case when {' and '.join(f'{day} is not null' for day in days)} then greatest({', '.join(days)}) end"
