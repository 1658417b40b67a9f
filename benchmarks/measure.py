"""CPU and wall time of a piece of work, of this process and of the database's own process for our connection."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds. `cpu` is Python plus the database backend; wall time on a shared machine is only told, never judged."""

    cpu: float
    wall: float


def backend_cpu() -> float:
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (pid,) = cursor.fetchone()
    try:
        with open(f"/proc/{pid}/schedstat") as stat:
            return int(stat.read().split()[0]) / 1e9
    except FileNotFoundError:
        # A kernel that keeps no nanoseconds: ticks of 10 ms, so a short round is told roughly.
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


def cost(work: Callable[[], object]) -> Cost:
    database, python, wall = backend_cpu(), time.process_time(), time.perf_counter()
    work()
    return Cost(cpu=time.process_time() - python + backend_cpu() - database, wall=time.perf_counter() - wall)
