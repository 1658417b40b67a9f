"""CPU and wall time of a piece of work, of this process and of the database's own process for our connection."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds. `cpu` is Python plus the database backend; wall time on a shared machine is only told, never judged."""

    cpu: float
    wall: float


# What no constraint needs.
# How to make each index again, with the samples that its statistics are made of.
_INDEXES = """
select i.indexname, i.indexdef || coalesce((
    select string_agg(format('; alter index %%I alter column %%s set statistics %%s', i.indexname, a.attnum, a.attstattarget), '')
    from pg_attribute a where a.attrelid = i.indexname::regclass and a.attstattarget >= 0), '')
from pg_indexes i
where i.tablename = any(%s) and not exists (select from pg_constraint c where c.conname = i.indexname)
  and i.indexdef not like 'CREATE UNIQUE%%'
"""


@contextmanager
def bare(*tables: str) -> Iterator[None]:
    """Tables without their indexes while they are filled: built anew afterwards, which is much faster than row by row. Then vacuumed and analysed."""
    with connection.cursor() as cursor:
        cursor.execute("set maintenance_work_mem = '256MB'")
        cursor.execute("set synchronous_commit = off")
        cursor.execute(_INDEXES, [list(tables)])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'drop index "{name}"')
        yield
        for _, definition in indexes:
            cursor.execute(definition)
        for table in tables:
            cursor.execute(f"vacuum analyze {table}")


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
