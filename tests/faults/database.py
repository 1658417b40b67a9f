"""PostgreSQL stopped in the middle of its work."""

import os
import signal
import time

from django.db import OperationalError, connection


def crash() -> None:
    """As `pg_ctl stop -m immediate` and a start: one of its processes is killed, the server drops all others and recovers from its log."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while True:
        connection.close()
        try:
            with connection.cursor() as cursor:
                cursor.execute("select 1")
            return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
