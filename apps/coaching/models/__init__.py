"""How accounts behave (profiles.py), what they may be told (tips.py), what they were told and what came of it (recommendations.py), and talks
with them (sessions.py)."""

from .profiles import CoachingProfile as CoachingProfile
from .profiles import Pattern as Pattern
from .profiles import ProfileFit as ProfileFit
from .recommendations import CoachingRules as CoachingRules
from .recommendations import Recommendation as Recommendation
from .recommendations import RecommendationQuerySet as RecommendationQuerySet
from .recommendations import Slate as Slate
from .recommendations import TipAnswerRow as TipAnswerRow
from .sessions import Goal as Goal
from .sessions import GoalReading as GoalReading
from .sessions import Session as Session
from .sessions import SessionQuerySet as SessionQuerySet
from .sessions import Strategy as Strategy
from .tips import Tip as Tip
from .tips import TipVersion as TipVersion
