"""Whether somebody carries the messages of each channel."""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from apps.messaging.models import ProviderHealth
from apps.messaging.types import Channel

from .types import Group, State, Vital

# Older troubles are over.
_LATELY = timedelta(minutes=15)


def providers(now: datetime) -> list[Vital]:
    known = {row.provider: row for row in ProviderHealth.objects.all()}
    return [_channel(Channel(channel), list(chain), known, now) for channel, chain in settings.MESSAGE_PROVIDERS.items() if any(chain)]


def _channel(channel: Channel, chain: list[str], known: dict[str, ProviderHealth], now: datetime) -> Vital:
    rows = [known[name] for name in chain if name in known]
    resting = [row for row in rows if row.rests_until and row.rests_until > now]
    about = {"channel": channel.value, "chain": chain, "rows": rows}
    name = f"{channel.label[:1].upper()}{channel.label[1:]} by {' then '.join(chain)}"
    vital = partial(
        Vital, f"channel-{channel.value}", Group.PROVIDERS, name, value=float(len(chain) - len(resting)), limit=1.0, unit="carriers", about=about
    )
    if len(resting) == len(chain):
        last = max(resting, key=lambda row: row.last_trouble_at or now)
        why = f"{' and '.join(row.provider for row in resting)} rests after {last.failures} troubles, the last: {last.last_trouble}. Messages wait."
        return vital(
            state=State.STOPPED,
            says="nobody carries it",
            why=why,
            todo="It is tried again by itself. See Channels, and the provider's own status page.",
            since=min((row.last_trouble_at for row in resting if row.last_trouble_at), default=None),
        )
    if resting:
        why = f"{resting[0].provider} rests after {resting[0].failures} troubles; others carry meanwhile."
        return vital(state=State.SLOW, says="others carry", why=why, todo="See Channels.", since=resting[0].last_trouble_at)
    silent = next((row for row in rows if row.silent_since), None)
    if silent is not None:
        why = f"{silent.provider} takes messages and tells nothing of what became of them."
        return vital(
            state=State.SLOW, says="carries, in silence", why=why, todo="See whether it reaches BASE_URL from outside.", since=silent.silent_since
        )
    troubled = next((row for row in rows if row.failures and row.last_trouble_at and row.last_trouble_at > now - _LATELY), None)
    if troubled is not None:
        why = f"{troubled.failures} troubles in a row, the last: {troubled.last_trouble}."
        return vital(
            state=State.SLOW,
            says="carries, with trouble",
            why=why,
            todo="Nothing yet: it rests by itself after five.",
            since=troubled.last_trouble_at,
        )
    return vital(state=State.OK, says="carries")
