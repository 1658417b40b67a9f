"""Records of one kind from a file: all rows or none, or with `skip_bad_rows` the good ones."""

from functools import partial
from itertools import islice

from apps.accounts.types import FieldKind

from .files import Reading
from .kinds import KINDS, Passage, RecordKind
from .problems import Problem
from .runs import Order, Report, Run, running
from .survey import Survey

_SLICE = 2_000


def import_records(order: Order, options: Reading) -> Report:
    """`order.kind` names what the rows are. Raises Unreadable when the file is no table."""
    kind = KINDS[order.kind]
    with running(order) as run:
        survey = Survey(order, kind, options)
        if survey.problems and not order.skip_bad_rows:
            return run.refuse(survey.problems, rows_read=survey.rows_read, good=survey.good)
        if not survey.good:
            survey.problems.add(
                Problem(None, "", "No row of the file can be imported." if survey.rows_read else "The file has a header and no rows.")
            )
            return run.refuse(survey.problems, rows_read=survey.rows_read, good=0)
        _bring(run, kind, survey)
        return run.finish(survey.problems, rows_read=survey.rows_read)


def _bring(run: Run, kind: RecordKind, survey: Survey) -> None:
    facts = survey.facts()
    trait_kinds = {name: FieldKind(column.kind.value) for name, column in survey.kinds.items()}
    by = Passage(run.order.actor, run.order.now, f"import:{run.row.pk}" if run.row else "", trait_kinds)
    number = 0
    while rows := list(islice(facts, _SLICE)):
        if number >= run.slices_done:
            run.add_slice(number, partial(kind.bring, rows, by))
        number += 1
        run.order.watch("importing", min(1.0, number * _SLICE / survey.good), min(number * _SLICE, survey.good))
