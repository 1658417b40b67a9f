"""Files that were brought in, and their refused rows."""

from apps.accounts.models import ImportProblem, ImportRun
from apps.core.api.views import WholeViews

from . import filters, serializers


class ImportViews(WholeViews):
    """Files that were brought in."""

    scope = "data"
    queryset = ImportRun.objects.all()
    serializer_class = serializers.ImportRow
    filterset_class = filters.ImportFilters
    orderings = ("-pk",)


class ImportProblemViews(WholeViews):
    """Rows of imported files that were refused, and why."""

    scope = "data"
    queryset = ImportProblem.objects.all()
    serializer_class = serializers.ImportProblemRow
    filterset_class = filters.ImportProblemFilters


ROUTES = {"imports": ImportViews, "import-problems": ImportProblemViews}
