"""Privacy choices (sharing.py), right moments and asks (moments.py)."""

from .moments import Ask as Ask
from .moments import AskRules as AskRules
from .moments import Favour as Favour
from .moments import Moment as Moment
from .moments import MomentMark as MomentMark
from .sharing import NamedConsent as NamedConsent
from .sharing import SharingChoice as SharingChoice
