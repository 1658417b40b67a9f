"""Abstract models; core has no tables."""

from django.db import models


class Versioned(models.Model):
    """What people edit: the version counts every change, so that two who edit at the same time find out."""

    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        abstract = True
