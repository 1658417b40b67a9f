"""How accounts behave (profiles.py), what they may be told (tips.py), and what they were told and what came of it (recommendations.py)."""

from .profiles import CoachingProfile as CoachingProfile
from .profiles import Pattern as Pattern
from .profiles import ProfileFit as ProfileFit
from .recommendations import CoachingRules as CoachingRules
from .recommendations import Recommendation as Recommendation
from .recommendations import RecommendationQuerySet as RecommendationQuerySet
from .recommendations import Slate as Slate
from .recommendations import TipAnswerRow as TipAnswerRow
from .tips import Tip as Tip
from .tips import TipVersion as TipVersion
