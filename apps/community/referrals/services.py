"""What referrals may do: `community.services.referrals`."""

from .clicking import click, forget_networks
from .deciding import approve, refuse
from .ingesting import take
from .inviting import invite, take_back
from .joining import join, stop
from .maturing import look, look_at_accounts, mature_due, void, void_for_leaver
from .programs import create, save_version, turn
from .rewarding import issue_due
from .signing_up import SignUp, sign_up

__all__ = [
    "SignUp",
    "approve",
    "click",
    "create",
    "forget_networks",
    "invite",
    "issue_due",
    "join",
    "look",
    "look_at_accounts",
    "mature_due",
    "refuse",
    "save_version",
    "sign_up",
    "stop",
    "take",
    "take_back",
    "turn",
    "void",
    "void_for_leaver",
]
