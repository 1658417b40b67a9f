"""Real and reference sets through the ordinary commands, each against the best honest baseline of the same run.

`CS_DATA=FOLDER make bench ONLY=churn_sets`. FOLDER holds the sets and a `baseline.py` that exports what a platform may see (`export NAME DIR`), keeps
the truth apart, and judges predictions (`score NAME FILE`). It needs pandas, which the product does not: CS_DATA_PYTHON names a Python that has it.
CS_SETS=telco,cdnow takes some of the sets. Where there is no signal (ravenstack, and the first table with its labels shuffled) we must refuse.

A set is imported into a company of its own, leaving defined, a model trained on what was known at the cutoff, and scores exported as of each date.
"""

import csv
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real_data import Company

_NO_SIGNAL = {"ravenstack"}
_SHUFFLED = ", shuffled"
_RATIOS = {"auc_excess": "auc_excess_ratio", "brier": "brier_ratio", "lift10": "lift_ratio"}


class NotRun(Exception):
    """What is missing, and how to give it."""


@dataclass(frozen=True)
class Referee:
    """The folder's own judge, which alone reads the truth."""

    folder: Path
    python: str

    def __call__(self, *words: str) -> str:
        command = [self.python, str(self.folder / "baseline.py"), *words, "--data", str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"baseline.py {' '.join(words)}: {(done.stderr or done.stdout).strip()[-500:]}")
        return done.stdout

    def sets(self) -> dict[str, str]:
        """Name -> tabular or events."""
        return {words[1]: words[0] for line in self("list").splitlines() if (words := line.split()) and words[0] in {"tabular", "events"}}


def referee() -> Referee:
    """From the environment. Raises NotRun."""
    folder = os.environ.get("CS_DATA", "")
    if not folder or not (Path(folder) / "baseline.py").is_file():
        raise NotRun("Set CS_DATA to a folder with sets and their baseline.py.")
    python = os.environ.get("CS_DATA_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import pandas, sklearn"], capture_output=True).returncode:
        raise NotRun(f"{python} has no pandas, which baseline.py needs. Set CS_DATA_PYTHON to a Python with numpy, pandas and scikit-learn.")
    return Referee(Path(folder).resolve(), python)


def run() -> dict[str, Any]:
    try:
        judge = referee()
    except NotRun as reason:
        print(f"  NOT RUN: {reason}", flush=True)
        return {"not_run": str(reason)}
    kinds = judge.sets()
    first = next((name for name, kind in kinds.items() if kind == "tabular"), None)
    names = [*kinds, *([f"{first}{_SHUFFLED}"] if first else [])]
    if wanted := [word.strip() for word in os.environ.get("CS_SETS", "").split(",") if word.strip()]:
        names = [name for name in names if name.removesuffix(_SHUFFLED) in wanted or name in wanted]
    figures: dict[str, Any] = {}
    for name in names:
        figures[name] = one(judge, name, kinds[name.removesuffix(_SHUFFLED)])
        print(f"  {name:20s} {json.dumps(figures[name])}", flush=True)
    if judged := [told["auc_excess_ratio"] for told in figures.values() if "auc_excess_ratio" in told]:
        figures["geometric_mean"] = {ratio: _mean(told[ratio] for told in figures.values() if ratio in told) for ratio in _RATIOS.values()}
        print(f"  geometric mean of {len(judged)}: {json.dumps(figures['geometric_mean'])}", flush=True)
    return figures


def one(judge: Referee, name: str, kind: str) -> dict[str, Any]:
    """The ratios of a set, or for one without a signal whether it was refused; in both cases what the training said, and seconds by step."""
    folder = Path(tempfile.mkdtemp(prefix="churn-sets-"))
    is_silent = name in _NO_SIGNAL or name.endswith(_SHUFFLED)
    plain, shuffle = name.removesuffix(_SHUFFLED), ("--shuffle",) if name.endswith(_SHUFFLED) else ()
    try:
        given = folder / "given"
        judge("export", plain, str(given), *shuffle)
        with Company(folder) as company:
            flow = _Flow(company, given)
            trained = flow.table() if kind == "tabular" else flow.events(json.loads((given / "task.json").read_text()))
            told = {"kind": trained["kind"] if trained["promoted"] else "rule", "refused": not trained["promoted"], "reason": trained["reason"]}
            if is_silent:
                return told | {"seconds": flow.seconds}
            answers = flow.table_scores() if kind == "tabular" else flow.event_scores()
        _write(folder / "predictions.csv", answers)
        judge("score", plain, str(folder / "predictions.csv"), "--json", str(folder / "verdict.json"))
        verdict = json.loads((folder / "verdict.json").read_text())[plain]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ratios = {ours: round(verdict["ratio"][theirs], 4) for theirs, ours in _RATIOS.items()}
    figures = {word: round(verdict["yours"][word], 4) for word in ("auc", "ap", "brier", "lift10", "ece")}
    return ratios | told | figures | {"seconds": flow.seconds}


class _Flow:
    """A set's way through a company: imported, defined, trained, exported. `seconds` by step."""

    def __init__(self, company: Company, given: Path) -> None:
        self._company = company
        self._given = given
        self.seconds: dict[str, float] = {}

    def table(self) -> dict[str, Any]:
        column = ("--churned-column", "churned", "--churned-value", "1")
        self._step("import", "import_accounts", self._path("train.csv"), "--map", "id=id", *column)
        self._step("define", "churn_definition", "column", "--snapshot", "--horizon-days", "30")
        return self._step("train", "train_churn", "--definition", "column")

    def table_scores(self) -> list[tuple[str, str]]:
        """Rows whose outcome nobody told; they are new customers of the company."""
        self._step("import", "import_accounts", self._path("test.csv"), "--map", "id=id")
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86_400))
        return list(self._scores("column", day, self._path("test.csv")))

    def events(self, task: dict[str, Any]) -> dict[str, Any]:
        """Everything up to the first date to score, and nothing later."""
        self._step("import", "import_accounts", self._path("accounts.csv"))
        # Events of accounts that begin after the cutoff are nobody's yet; they come with those accounts.
        self._step("import", "import_activity", self._path("events.csv"), "--skip-bad-rows")
        horizon = str(task["H"])
        how = ("--inactive-days", horizon) if task["mode"] == "inactivity" else ("--cancelled",)
        self._step("define", "churn_definition", "leaving", *how, "--horizon-days", horizon)
        return self._step("train", "train_churn", "--definition", "leaving", "--as-of", task["score_dates"][0])

    def event_scores(self) -> list[tuple[str, str]]:
        """The first date is scored before anything later is brought in, the others afterwards by the same model."""
        by_day: dict[str, list[str]] = {}
        with (self._given / "score_me.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                by_day.setdefault(row["as_of"], []).append(row["account_id"])
        answers: list[tuple[str, str]] = []
        for place, (day, keys) in enumerate(by_day.items()):
            if place == 1:
                for name, command in (("accounts_later", "accounts"), ("events_later", "activity"), ("churn_later", "accounts")):
                    if (path := self._given / f"{name}.csv").is_file() and _has_rows(path):
                        self._step("import later", f"import_{command}", str(path))
            asked = self._given / "asked.csv"
            asked.write_text("\n".join(["account_id", *keys]) + "\n")
            answers += [(f"{key}@{day}", chance) for key, chance in self._scores("leaving", day, str(asked))]
        return answers

    def _scores(self, definition: str, day: str, asked: str) -> Iterable[tuple[str, str]]:
        out = self._given / "scores.csv"
        told = self._step("score", "export_scores", "--definition", definition, "--as-of", day, "--accounts", asked, "--out", str(out))
        if told["left_out"]:
            raise RuntimeError(f"{told['left_out']} of the accounts to score on {day} were left out.")
        with out.open(newline="") as file:
            return [(row["account_id"], row["probability"]) for row in csv.DictReader(file)]

    def _path(self, name: str) -> str:
        return str(self._given / name)

    def _step(self, step: str, *words: str) -> dict[str, Any]:
        began = time.monotonic()
        told: dict[str, Any] = json.loads(self._company.manage(*words, "--json").splitlines()[-1])
        self.seconds[step] = round(self.seconds.get(step, 0.0) + time.monotonic() - began, 1)
        return told


def _has_rows(path: Path) -> bool:
    with path.open(newline="") as file:
        return sum(1 for _, _ in zip(file, range(2), strict=False)) == 2


def _write(path: Path, answers: Iterable[tuple[str, str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("id", "probability"), *answers])


def _mean(values: Iterable[float]) -> float:
    """Geometric; a ratio at or below zero (worse than chance) makes it zero."""
    found = list(values)
    return round(math.exp(sum(map(math.log, found)) / len(found)), 4) if min(found) > 0 else 0.0
