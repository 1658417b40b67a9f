"""Many at once, as workers are: threads with database connections of their own."""

import threading
from collections.abc import Callable

from django.db import connection


def at_once(count: int, work: Callable[[int], None]) -> list[BaseException]:
    """Run `work(number)` in that many threads, each with its own database connection; returns what went wrong."""
    faults: list[BaseException] = []
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
        except BaseException as error:  # noqa: BLE001
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults
