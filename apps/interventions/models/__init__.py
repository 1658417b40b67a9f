"""Plays and their runs (plays.py), dry runs of them (rehearsals.py), and what people should do (tasks.py)."""

from .plays import Enrolment as Enrolment
from .plays import EnrolmentQuerySet as EnrolmentQuerySet
from .plays import Fit as Fit
from .plays import PassedOver as PassedOver
from .plays import Play as Play
from .plays import PlayVersion as PlayVersion
from .plays import StepRecord as StepRecord
from .rehearsals import Rehearsal as Rehearsal
from .tasks import Task as Task
from .tasks import TaskQuerySet as TaskQuerySet
