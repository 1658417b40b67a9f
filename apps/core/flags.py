"""Feature flags by name. Asked in views, tasks and handlers only: a flag opens a door, it never decides inside a room."""

from waffle import get_waffle_flag_model, get_waffle_switch_model, switch_is_active

from .shares import position

LEARN_CHANNELS = "plays.learn_channels"
CHANNELS = ("email", "in_app", "sms", "whatsapp", "voice", "push")


def channel_is_open(channel: str) -> bool:
    """The kill switch of a channel (`channel.email`), on unless an administrator turns it off."""
    return bool(switch_is_active(f"channel.{channel}"))


def open_channels() -> list[str]:
    return [channel for channel in CHANNELS if channel_is_open(channel)]


def channels_are_learned() -> bool:
    """Whether plays learn which channel works (switch `plays.learn_channels`); off, they take the fixed order."""
    return bool(switch_is_active(LEARN_CHANNELS))


def play_reaches(play_key: str, account_id: int) -> bool:
    """Whether the rollout share of a play (flag `play.KEY`: everyone, or a percentage of accounts) includes this account."""
    flag = get_waffle_flag_model().get(f"play.{play_key}")
    if flag.everyone is not None:
        return bool(flag.everyone)
    return bool(flag.percent is not None and position(f"rollout:{play_key}", account_id) * 100 < float(flag.percent))


def challenger_share(definition_name: str) -> float:
    """The share of the accounts (0 to 1) that a churn definition's challenger scores: flag `model.NAME`, everyone or a percentage of accounts."""
    flag = get_waffle_flag_model().get(f"model.{definition_name}")
    if flag.everyone is not None:
        return float(flag.everyone)
    return float(flag.percent or 0) / 100


def play_share(play_key: str) -> float:
    """The share (%) of accounts that automatic entries into a play reach; 0 where nobody made its flag."""
    flag = get_waffle_flag_model().get(f"play.{play_key}")
    if flag.everyone is not None:
        return 100.0 if flag.everyone else 0.0
    return float(flag.percent or 0)


_PLAY_NOTE = "Rollout of the play: everyone = yes, or a percentage of accounts (the same accounts every time)."


def open_play(play_key: str) -> None:
    """The flag of a new play, open to everyone; one that is there stays as it is."""
    get_waffle_flag_model().objects.get_or_create(name=f"play.{play_key}", defaults={"everyone": True, "note": _PLAY_NOTE})


def set_play_share(play_key: str, percent: float) -> None:
    """Let automatic entries reach this share (%) of accounts: always the same ones, and a larger share keeps those of a smaller one."""
    flags = get_waffle_flag_model().objects
    whole = {0.0: False, 100.0: True}.get(percent)
    values = {"everyone": whole, "percent": None if whole is not None else round(percent, 1)}
    flag, _ = flags.update_or_create(name=f"play.{play_key}", defaults=values, create_defaults={**values, "note": _PLAY_NOTE})
    flag.flush()


def all_flags() -> list[str]:
    """The names of all flags and switches, flags first."""
    return [f"flag {name}" for name in get_waffle_flag_model().objects.order_by("name").values_list("name", flat=True)] + [
        f"switch {name}" for name in get_waffle_switch_model().objects.order_by("name").values_list("name", flat=True)
    ]


def standing(named: str) -> dict[str, object] | None:
    """How a flag or a switch stands, named as in `all_flags`; None where there is none."""
    kind, _, name = named.partition(" ")
    if kind == "switch":
        switch = get_waffle_switch_model().objects.filter(name=name).first()
        return {"active": switch.active} if switch else None
    flag = get_waffle_flag_model().objects.filter(name=name).first()
    return {"everyone": flag.everyone, "percent": str(flag.percent) if flag.percent is not None else None} if flag else None


def put(named: str, values: dict[str, object]) -> None:
    """Bring a flag or a switch to a standing as `standing` tells it; caches forget the one before."""
    kind, _, name = named.partition(" ")
    model = get_waffle_switch_model() if kind == "switch" else get_waffle_flag_model()
    row = model.objects.select_for_update().get(name=name)
    for field, value in values.items():
        setattr(row, field, value)
    row.save()


def whole(named: str, *, on: bool) -> dict[str, object]:
    """The standing of a flag or a switch that is on, or off, for everybody."""
    return {"active": on} if named.startswith("switch ") else {"everyone": on, "percent": None}
