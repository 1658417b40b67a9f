"""Privacy choices (sharing.py), right moments and asks (moments.py), challenges (challenges.py), statements (proof.py)."""

from .challenges import Challenge as Challenge
from .challenges import ChallengeCount as ChallengeCount
from .challenges import ChallengeEntry as ChallengeEntry
from .moments import Ask as Ask
from .moments import AskRules as AskRules
from .moments import Favour as Favour
from .moments import Moment as Moment
from .moments import MomentMark as MomentMark
from .proof import Published as Published
from .proof import Statement as Statement
from .sharing import NamedConsent as NamedConsent
from .sharing import SharingChoice as SharingChoice
