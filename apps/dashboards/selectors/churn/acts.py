"""What may be done to a version, each with the question it asks first and what will come of it."""

from dataclasses import dataclass

from apps.churn.models import ChurnDefinition, ModelVersion
from apps.churn.types import ModelKind

from . import figures


@dataclass(frozen=True)
class Act:
    """A button: its word in the address, its label, the question, whether it is the main one."""

    what: str
    label: str
    ask: str


def acts(version: ModelVersion, live: ModelVersion | None, challenger: ModelVersion | None) -> list[Act]:
    """None for the version at work, and none for one that answers another question than the definition asks now."""
    if version.is_live or version.revision != version.definition.revision:
        return []
    found = [Act("promote", "Promote", figures.ask(version, live))]
    if version.is_challenger:
        ask = f"{version} scores no account beside {live or 'nothing'} any more. What it said stays for the comparison. Withdraw it?"
        found.append(Act("withdraw", "Withdraw", ask))
    elif version.kind != ModelKind.RULE:
        instead = f" instead of {challenger}" if challenger else ""
        ask = f"{version} scores beside {live or 'nothing'}{instead}, seen by nobody unless its rollout share says so. Let it challenge?"
        found.append(Act("challenge", "Challenge", ask))
    return found


def way_back(definition: ChurnDefinition, live: ModelVersion | None) -> Act | None:
    """Back to what was at work before the present version, while it still speaks for what leaving means."""
    if live is None or live.before is None or live.before.revision != definition.revision:
        return None
    return Act("roll-back", f"Roll back to {live.before}", f"{live.before} scores every account again instead of {live}, as it did before. Go back?")
