"""Who (segments.py), what they are told (campaigns.py), what they are asked (surveys.py) and what outside tools did (outside.py)."""

from .campaigns import Campaign as Campaign
from .campaigns import CampaignVersion as CampaignVersion
from .campaigns import Occurrence as Occurrence
from .campaigns import Recipient as Recipient
from .campaigns import RecipientQuerySet as RecipientQuerySet
from .outside import OutsideTouch as OutsideTouch
from .results import FrozenReadout as FrozenReadout
from .results import GoalReached as GoalReached
from .results import WeightsVersion as WeightsVersion
from .segments import Membership as Membership
from .segments import MembershipQuerySet as MembershipQuerySet
from .segments import Segment as Segment
from .segments import SegmentVersion as SegmentVersion
from .surveys import Invitation as Invitation
from .surveys import InvitationQuerySet as InvitationQuerySet
from .upkeep import ListedAccount as ListedAccount
from .upkeep import SegmentMark as SegmentMark
from .upkeep import SegmentRebuild as SegmentRebuild
from .upkeep import SegmentWake as SegmentWake
