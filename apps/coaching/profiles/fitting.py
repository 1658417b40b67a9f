"""Looking at all accounts anew: how many patterns there are, and which continue those of before; then placing each account."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import transaction

from ..behaviours import KEYS
from ..models import CoachingProfile, Pattern, ProfileFit
from ..types import FitKind
from . import archetypes, clusters, told
from .measured import Measured, behaviours

_BATCH = 1_000


def refit(*, now: datetime) -> ProfileFit:
    """A new fit over every present customer as of the last day that is over, and all accounts placed by it."""
    rows = behaviours(as_of=now)
    scales = {key: clusters.scale([row.values[key] for row in rows]) for key in KEYS}
    seed = zlib.crc32(f"{now:%G-%V}".encode())
    enough = len(rows) >= clusters.LEAST_ACCOUNTS
    grouped = clusters.group(clusters.gaussian([row.values for row in rows], scales), seed=seed) if enough else clusters.NOT_GROUPED
    with transaction.atomic():
        fit = ProfileFit.objects.create(
            kind=FitKind.LEARNED if grouped.k else FitKind.RULES,
            as_of=now,
            made_at=now,
            accounts=len(rows),
            patterns=grouped.k or len(archetypes.ARCHETYPES),
            stability=[{"k": one.k, "ari": round(one.ari, 3), "smallest": round(one.smallest, 3), "fits": one.fits} for one in grouped.tried],
            scales=scales,
            centres=_named(grouped.centres, now),
            seed=seed,
        )
        _write(fit, rows, now)
    return fit


def place(account_ids: Sequence[int], *, now: datetime) -> int:
    """These accounts by the fit in force. Returns how many were placed; where there is no fit yet, all accounts are looked at first."""
    fit = ProfileFit.objects.last()
    if fit is None:
        return refit(now=now).accounts
    return _write(fit, behaviours(as_of=now, account_ids=account_ids), now)


def _named(centres: clusters.Numbers, now: datetime) -> dict[str, list[float]]:
    """Each centre under the key of the pattern it continues, or of a new one."""
    before = ProfileFit.objects.filter(kind=FitKind.LEARNED).last()
    old = before.centres if before is not None else {}
    keys = list(old)
    continued = clusters.matched(np.array([old[key] for key in keys]), centres)
    taken = set(Pattern.objects.values_list("name", flat=True))
    made, number = {}, Pattern.objects.count()
    for index, centre in enumerate(centres):
        if index in continued:
            key = keys[continued[index]]
        else:
            number += 1
            name, words = told.named(centre, taken)
            taken.add(name)
            key = Pattern.objects.create(key=f"pattern-{number}", name=name, words=words, made_at=now).key
        made[key] = [round(float(one), 5) for one in centre]
    return made


def _write(fit: ProfileFit, rows: Sequence[Measured], now: datetime) -> int:
    keys, closeness = _patterns(fit, rows)
    patterns = _rows_of(set(keys), now)
    earlier = dict(CoachingProfile.objects.filter(account__in=[row.account_id for row in rows]).values_list("account_id", "pattern_id"))
    since = dict(CoachingProfile.objects.filter(account__in=[row.account_id for row in rows]).values_list("account_id", "since"))
    made = []
    for row, key, clear in zip(rows, keys, closeness, strict=True):
        measures = told.measures(row.values, fit.scales)
        strengths, gaps = told.ahead_and_behind(measures, fit.scales, accounts=fit.accounts)
        pattern = patterns[key]
        stays = earlier.get(row.account_id) == pattern.pk
        profile = CoachingProfile(account_id=row.account_id, fit=fit, pattern=pattern, since=since[row.account_id] if stays else now, as_of=now)
        profile.measures, profile.strengths, profile.gaps, profile.closeness = measures, strengths, gaps, round(clear, 3)
        made.append(profile)
    fields = ["fit", "pattern", "since", "as_of", "measures", "strengths", "gaps", "closeness"]
    # In account order, as all who write several profiles do.
    CoachingProfile.objects.bulk_create(made, batch_size=_BATCH, update_conflicts=True, unique_fields=["account"], update_fields=fields)
    return len(made)


def _patterns(fit: ProfileFit, rows: Sequence[Measured]) -> tuple[list[str], Sequence[float]]:
    if fit.kind == FitKind.RULES or not rows:
        return [archetypes.archetype(row.values).key for row in rows], [1.0] * len(rows)
    keys = list(fit.centres)
    centres = np.array([fit.centres[key] for key in keys])
    points = clusters.gaussian([row.values for row in rows], {key: fit.scales[key] for key in KEYS})
    return [keys[index] for index in clusters.nearest(points, centres)], [float(one) for one in clusters.closeness(points, centres)]


def _rows_of(keys: set[str], now: datetime) -> Mapping[str, Pattern]:
    missing = keys - set(Pattern.objects.filter(key__in=keys).values_list("key", flat=True))
    ruled = [one for one in archetypes.ARCHETYPES if one.key in missing]
    Pattern.objects.bulk_create([Pattern(key=one.key, name=one.name, words=one.words, made_at=now) for one in ruled], ignore_conflicts=True)
    return {pattern.key: pattern for pattern in Pattern.objects.filter(key__in=keys)}
