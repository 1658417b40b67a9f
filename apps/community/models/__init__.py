"""Privacy choices (sharing.py), moments and asks (moments.py), challenges, statements (proof.py), advocates and invites, referrals and rewards."""

from .advocates import Advocate as Advocate
from .advocates import Invite as Invite
from .advocates import ReferralClick as ReferralClick
from .advocates import ReferralProgram as ReferralProgram
from .advocates import ReferralProgramVersion as ReferralProgramVersion
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
from .referrals import Referral as Referral
from .referrals import ReferralDecision as ReferralDecision
from .referrals import ReferralReward as ReferralReward
from .sharing import NamedConsent as NamedConsent
from .sharing import SharingChoice as SharingChoice
