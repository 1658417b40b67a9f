"""Privacy choices and consents by item (sharing.py); programs, advocates, invites (advocates.py); referrals and what came of them (referrals.py)."""

from .advocates import Advocate as Advocate
from .advocates import Invite as Invite
from .advocates import ReferralClick as ReferralClick
from .advocates import ReferralProgram as ReferralProgram
from .advocates import ReferralProgramVersion as ReferralProgramVersion
from .referrals import Referral as Referral
from .referrals import ReferralDecision as ReferralDecision
from .referrals import ReferralReward as ReferralReward
from .sharing import NamedConsent as NamedConsent
from .sharing import SharingChoice as SharingChoice
