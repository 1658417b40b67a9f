from django.db import models

from apps.accounts.models import User
from apps.interventions.models import Enrolment, Task

from ..types import Deed
from .alerts import Alert
from .rules import AlertRule


class AlertMoment(models.Model):
    """Something that happened to an alert: who did what, when, and what was said. Written with the change itself and never edited."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="moments")
    at = models.DateTimeField()
    deed = models.CharField(max_length=14, choices=Deed)
    actor = models.CharField(max_length=120)
    words = models.CharField(max_length=2000, blank=True, help_text="A comment, a reason, or who it was given to.")
    enrolment = models.ForeignKey(Enrolment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="The play's run.")
    task = models.ForeignKey(Task, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Who it was given to.")

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.deed} of alert {self.alert_id}"


class RuleTold(models.Model):
    """A rule fell to digest, or was lifted again: by whom, when and by which figures."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="told")
    at = models.DateTimeField()
    digest = models.BooleanField(help_text="Told in a digest only from here on; no: told at once again.")
    by_itself = models.BooleanField(help_text="Because too few of its alerts were useful.")
    right = models.PositiveIntegerField(null=True, blank=True, help_text="Alerts that were useful or acted on, of those judged.")
    judged = models.PositiveIntegerField(null=True, blank=True)
    actor = models.CharField(max_length=120)

    class Meta:
        verbose_name = "change of a rule's telling"
        verbose_name_plural = "changes of rules' telling"
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.rule_id} {'in a digest' if self.digest else 'at once'}"
