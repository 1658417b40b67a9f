"""Real data in one command: accounts and activity in, churn defined, a model trained or the rule kept, everybody scored, the riskiest named."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts import imports, selectors
from apps.accounts.imports import Report
from apps.accounts.management import console
from apps.churn import features
from apps.churn import services as churn
from apps.churn.models import AccountRisk, ChurnDefinition
from apps.churn.types import DefinitionKind, ModelKind
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

_REASONS = 3


class Command(BaseCommand):
    help = "Bring a company's own data in and see its churn risks: imports, defines churn, trains, scores, and names the riskiest accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("accounts", type=Path, metavar="ACCOUNTS.csv", help="may be gzipped, or .xlsx")
        parser.add_argument("--activity", type=Path, metavar="FILE.csv", help="may be gzipped, or .xlsx")
        parser.add_argument("--map", default="", metavar="OURS=THEIRS,...", help="columns of the accounts file, as in import_accounts")
        parser.add_argument("--activity-map", default="", metavar="OURS=THEIRS,...", help="columns of the activity file, as in import_activity")
        console.add_options(parser)
        console.add_account_options(parser)
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument("--cancelled", action="store_true", help="Leaving is the churn date (default).")
        kind.add_argument("--inactive-days", type=int, metavar="N", help="Leaving is N days without activity.")
        kind.add_argument("--snapshot", action="store_true", help="Leaving is what the churned column says; for tables without dates.")
        parser.add_argument("--horizon-days", type=int, metavar="H", help="How far ahead to look: default 30, or N with --inactive-days.")
        parser.add_argument("--as-of", metavar="DATE", help="Score with what was known at the end of that day: default the last with activity.")

    def handle(self, *args: Any, **given: Any) -> None:
        self._as_json = given["json"]
        self._steps: dict[str, float] = {}
        now = clock.now()
        account_options = console.account_options(given, map=given["map"])
        activity_options = console.activity_options(given, map=given["activity_map"])
        reports = [
            self._import("accounts", given["accounts"], account_options, lambda order: imports.import_records(order, account_options), given, now)
        ]
        if given["activity"]:
            reports.append(
                self._import(
                    "activity", given["activity"], activity_options, lambda order: imports.import_activity(order, activity_options), given, now
                )
            )
        if given["dry_run"]:
            if self._as_json:
                self.stdout.write(json.dumps({"imports": [report.as_json() for report in reports]}))
            return
        as_of = self._moment(given["as_of"], now)
        try:
            with self._step("churn defined"):
                definition = self._define(given, now)
            self._say(f"Leaving means: {definition.in_words}. As of {as_of:%Y-%m-%d %H:%M} UTC.")
            actor = Actor.job("onboard")
            with self._step("trained"):
                trained = churn.train(definition, as_of=as_of, now=now, actor=actor)
            with self._step("scored"):
                scored = churn.score_all(definition=definition, as_of=as_of, now=now, actor=actor)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        riskiest = _riskiest()
        self._tell(riskiest, scored)
        verdict = f"{'Promoted' if trained.promoted else 'Not promoted'}: {trained.reason} At work: {trained.live}."
        self._say(f"\n{verdict}")
        if self._as_json:
            told = {
                "imports": [report.as_json() for report in reports],
                "as_of": as_of.isoformat(),
                "training": trained.as_json(),
                "scored": scored,
                "riskiest": [
                    {"account_id": risk.account.external_id, "probability": risk.probability, "band": risk.band, "reasons": risk.reasons}
                    for risk in riskiest
                ],
                "verdict": verdict,
                "seconds": self._steps,
            }
            self.stdout.write(json.dumps(told))

    def _import(self, kind: str, path: Path, options: Any, work: Any, given: dict[str, Any], now: datetime) -> Report:
        with self._step(f"{kind} imported"):
            report = console.carry_out(work, kind=kind, path=path, options=options, given=given, now=now)
            if not report.ok:
                raise CommandError(report.message)
        self._say(f"           {report.message}")
        return report

    def _define(self, given: dict[str, Any], now: datetime) -> ChurnDefinition:
        silent = given["inactive_days"]
        kind = DefinitionKind.INACTIVE if silent else DefinitionKind.SNAPSHOT if given["snapshot"] else DefinitionKind.CANCELLED
        horizon = given["horizon_days"] or silent or 30
        name = {DefinitionKind.INACTIVE: f"silent-{silent}", DefinitionKind.SNAPSHOT: "column"}.get(kind, "cancelled")
        return churn.define(name=f"{name}-{horizon}", kind=kind, horizon_days=horizon, inactive_days=silent, make_default=True, now=now)

    def _moment(self, words: str | None, now: datetime) -> datetime:
        """The end of the day asked for, else of the last day with activity, never later than now."""
        if words:
            try:
                return min(features.end_of(date.fromisoformat(words)), now)
            except ValueError as error:
                raise CommandError(f"--as-of {words!r} is no date. Write 2026-03-01.") from error
        last = selectors.last_activity_of_all()
        return min(features.end_of(last), now) if last else now

    def _tell(self, riskiest: list[AccountRisk], scored: int) -> None:
        self._say(f"\n{scored:,} accounts scored. The {len(riskiest)} riskiest:")
        for place, risk in enumerate(riskiest, start=1):
            name = risk.account.name if risk.account.name == risk.account.external_id else f"{risk.account.name} ({risk.account.external_id})"
            self._say(f"{place:3}. {name}: {_in_words(risk)}, {risk.get_band_display()}")
            for reason in risk.reasons[:_REASONS]:
                self._say(f"       {'+' if reason['contribution'] > 0 else '-'} {reason['words']}")

    @contextmanager
    def _step(self, words: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._steps[words] = round(time.monotonic() - began, 2)
        self._say(f"{self._steps[words]:7.1f} s  {words}")

    def _say(self, line: str) -> None:
        """The story on standard output; on standard error where the last line of standard output belongs to a program."""
        (self.stderr if self._as_json else self.stdout).write(line)


def _riskiest() -> list[AccountRisk]:
    """The ten that most need eyes, whoever's book they are in."""
    return list(AccountRisk.objects.filter(probability__isnull=False).select_related("account").order_by("-probability", "-account__arr", "id")[:10])


def _in_words(risk: AccountRisk) -> str:
    """A model gives a probability; the rule gives points, which are none."""
    points = 100 * (risk.probability or 0)
    return f"{points:.0f} of 100 points" if risk.source.startswith(ModelKind.RULE) else f"{points:.1f} %"
