import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.accounts.management.console import Progress

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_that_is_written_over_and_wiped():
    terminal = Terminal()
    progress = Progress(terminal)
    progress.show("reading", 0.42, 1_234)
    progress.show("reading", 0.43, 1_240)
    progress.clear()
    shown = terminal.getvalue()
    assert "\rreading:  42%  1,234 rows  " in shown
    assert "rows/s" in shown
    assert "43%" not in shown
    assert shown.endswith("\r")


def test_progress_is_silent_where_nobody_watches():
    file = io.StringIO()
    progress = Progress(file)
    progress.show("reading", 0.5, 10)
    progress.clear()
    assert file.getvalue() == ""


def test_an_error_report_that_cannot_be_written_is_one_plain_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id\na\n")
    with pytest.raises(CommandError, match="The problems could not be written to .*missing/out.csv: No such file or directory."):
        call_command("import_accounts", str(path), "--errors", str(tmp_path / "missing" / "out.csv"))
