"""Plays and their runs (plays.py), dry runs of them (rehearsals.py), what people should do (tasks.py), when they work (people.py), and who is asked
when they do not (ladders.py)."""

from .ladders import Escalation as Escalation
from .ladders import EscalationStep as EscalationStep
from .ladders import Ladder as Ladder
from .people import Holiday as Holiday
from .people import WorkingTime as WorkingTime
from .plays import Enrolment as Enrolment
from .plays import EnrolmentQuerySet as EnrolmentQuerySet
from .plays import Fit as Fit
from .plays import PassedOver as PassedOver
from .plays import Play as Play
from .plays import PlayVersion as PlayVersion
from .plays import StepRecord as StepRecord
from .rehearsals import Rehearsal as Rehearsal
from .tasks import Task as Task
from .tasks import TaskAssignee as TaskAssignee
from .tasks import TaskQuerySet as TaskQuerySet
from .tasks import TaskSource as TaskSource
