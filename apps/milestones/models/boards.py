"""Recognition: who may be named where, and boards that show nobody else."""

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet, User
from apps.core.models import Versioned

from ..types import Level


class ChoiceQuerySet(models.QuerySet["RecognitionChoice"]):
    def for_user(self, user: "User | AnonymousUser") -> "ChoiceQuerySet":
        return self.filter(contact__in=Contact.objects.for_user(user))


class RecognitionChoice(models.Model):
    """How far a person lets their name be seen. Who has no row has said nothing, which is: nobody."""

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="recognition")
    level = models.CharField(max_length=8, choices=Level, default=Level.NONE)
    by_name = models.BooleanField(default=True, help_text="Off: they stand on boards by a made-up name of that board.")
    chosen_at = models.DateTimeField()
    actor = models.CharField(max_length=120)

    objects = ChoiceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.level}"


class Board(Versioned):
    """A list of people by the points their acts brought lately, among comparable accounts. It shows those who chose it and nobody else."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    circle = models.CharField(
        max_length=8,
        choices=[one for one in Level.choices if one[0] != Level.NONE],
        default=Level.TEAM,
        help_text="Who reads it; nobody is shown further than they chose.",
    )
    cohort = models.CharField(
        max_length=10,
        blank=True,
        default="",
        choices=[("plan", "same plan"), ("segment", "same segment"), ("tier", "same service tier")],
        help_text="Boards for everybody compare only accounts that are alike in this.",
    )
    days = models.PositiveSmallIntegerField(default=28, validators=[MinValueValidator(1)], help_text="Points of so many days count.")
    least = models.PositiveSmallIntegerField(default=5, validators=[MinValueValidator(3)], help_text="Fewer people than this are not shown at all.")
    salt = models.CharField(max_length=40, editable=False, help_text="Of its made-up names, which no other board has.")
    live = models.BooleanField(default=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(condition=~Q(circle=Level.NONE), name="board_has_a_circle"),
            # Two people on a list know each other's figures.
            models.CheckConstraint(condition=Q(least__gte=3), name="board_is_no_duel"),
        ]

    def __str__(self) -> str:
        return self.name


class BoardPlace(models.Model):
    """One visible person's figure on a board, as of the last reckoning. Deleted at once when they leave; there is no other copy."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="places", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    group = models.CharField(max_length=120, help_text="Whom they are compared with: one account, one company, or a cohort.")
    points = models.DecimalField(max_digits=14, decimal_places=2)
    as_of = models.DateTimeField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "contact"], name="one_place_per_board")]
        indexes = [
            # The order of a board, walked by where one stands.
            models.Index(fields=["board", "group", "-points", "-id"], name="place_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} on {self.board_id}"
