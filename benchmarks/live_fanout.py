"""Ten thousand open pages and one change a second: what a socket costs us, beside what it costs at least and what it costs by the book.

FANOUT_SOCKETS chooses how many; `make bench` takes 2,000, which shows the ratios. With 10,000 or more a round of 18,000 on two processes is added.
The crowd of sockets shares the two cores with the servers, so times hold on a quiet machine only.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import redis
from asgiref.sync import async_to_sync

from benchmarks.live_servers import CHANNEL
from cs_platform.local.__main__ import free_port, web_command
from tests.live_house import House, house, people, updates

SOCKETS = int(os.environ.get("FANOUT_SOCKETS", "2000"))
MOST = 18_000
# More than this the pattern of the tutorials does not bear at one update a second.
NAIVE = min(SOCKETS, 1000)
TICKS = 12
SIZE = 1000
_TICK = os.sysconf("SC_CLK_TCK")


def _cpu(pids: list[int]) -> float:
    """Seconds of all threads."""
    spent = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        spent += (int(fields[11]) + int(fields[12])) / _TICK
    return spent


def _kilobytes(pids: list[int]) -> int:
    """What only these processes hold."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def cost(made: House, sockets: int, pids: list[int], publish: Callable[[int], None]) -> dict[str, Any]:
    """Connect a crowd, publish the updates, and count what it cost the servers."""
    crowd = made.gather(KNOWN or people(sockets))
    cpu, memory = _cpu(pids), _kilobytes(pids)
    came = crowd.do("connect", count=sockets, ports=made.ports)
    # Until the first look at their sessions is over.
    crowd.do("listen", seconds=2)
    found = {"connect_us": round((_cpu(pids) - cpu) / sockets * 1e6), "kb_per_socket": round((_kilobytes(pids) - memory) / sockets, 1)}
    cpu = _cpu(pids)
    heard = crowd.begin("count", ticks=TICKS, limit=TICKS * 1.5 + 30)
    publish(TICKS)
    heard = heard()
    spent = _cpu(pids) - cpu
    found |= {"us_per_delivery": round(spent / max(1, heard["got"]) * 1e6, 1), "connects_per_s": round(sockets / came["seconds"])}
    found |= {key: heard[key] for key in ("lost", "gaps", "closed", "p50_ms", "p99_ms", "max_ms", "client_us")}
    found["lost"] += sockets * TICKS - heard["wanted"]
    print(f"    {sockets} sockets, {len(pids)} processes: {json.dumps(found)}", flush=True)
    return found


KNOWN: list[Any] = []


def limit_of(made: House, sockets: int, *, every: float = 1) -> dict[str, Any]:
    made.ports = [free_port()]
    process = made.product.start("limit", [sys.executable, "-m", "benchmarks.live_servers", str(made.ports[0])])
    time.sleep(1.5)
    with redis.Redis.from_url(made.broker.url) as client:

        def publish(count: int) -> None:
            began = time.monotonic()
            for number in range(1, count + 1):
                time.sleep(max(0.0, began + number * every - time.monotonic()))
                client.publish(CHANNEL, json.dumps(_frame(number), separators=(",", ":")))

        found = cost(made, sockets, [process.pid], publish)
    made.product.stop("limit")
    return found


def _frame(number: int) -> dict[str, Any]:
    """What our hub would send for the same update."""
    kind = f"bench.{number}.{time.monotonic_ns()}.{'x' * (SIZE - 160)}"
    return {"type": "change", "epoch": "e" * 12, "after": number - 1, "first": number, "last": number, "kinds": [kind], "subjects": None}


def _naive(made: House, sockets: int) -> dict[str, Any]:
    from channels_redis.core import RedisChannelLayer

    made.ports = [free_port()]
    command = [one.replace("cs_platform.asgi:application", "benchmarks.live_servers:naive") for one in web_command(made.ports[0])]
    process = made.product.start("naive", command)
    time.sleep(6)

    def publish(count: int) -> None:
        async def all_of_them() -> None:
            import asyncio

            layer = RedisChannelLayer(hosts=[{"address": made.broker.url, "socket_timeout": None}], prefix="bench.naive", capacity=1000)
            began = time.monotonic()
            for number in range(1, count + 1):
                await asyncio.sleep(max(0.0, began + number - time.monotonic()))
                await layer.group_send("bench", {"type": "bench.update", "said": _frame(number)})

        async_to_sync(all_of_them)()

    found = cost(made, sockets, [process.pid], publish)
    made.product.stop("naive")
    return found


def cost_of_ours(made: House, sockets: int, processes: int, *, every: float = 1) -> dict[str, Any]:
    made.ports = []
    made.start_web(processes)
    return cost(made, sockets, made.pids(), lambda count: updates(count, every=every, size=SIZE))


def _nights(made: House, sockets: int) -> dict[str, Any]:
    """With the crowd that is there: silence, a Valkey that dies, and everybody coming back at once."""
    crowd = made.crowd
    assert crowd is not None

    def told(ticks: int) -> dict[str, Any]:
        heard = crowd.begin("count", ticks=ticks, limit=30)
        updates(ticks, every=1, size=SIZE)
        return heard()

    crowd.do("listen", seconds=12)
    idle = told(1)
    made.broker.kill()
    time.sleep(1)
    made.broker.start()
    again = crowd.do("resynced", limit=40)
    after = told(2)
    crowd.do("leave")
    made.give_tickets(KNOWN)
    time.sleep(2)
    back = crowd.do("connect", count=sockets, ports=made.ports, window=200, limit=60)
    returned = told(1)
    found = {
        "idle_lost": idle["lost"] + sockets - idle["wanted"],
        "valkey_restart_not_told": sockets - again["told"],
        "valkey_restart_lost": after["lost"] + after["gaps"],
        "reconnect_s": back["seconds"],
        "reconnect_lost": sockets - back["ready"] + returned["lost"],
    }
    print(f"    {json.dumps(found)}", flush=True)
    return found


def _sleepers(made: House) -> dict[str, Any]:
    """3 % read nothing, and frames are so big that what the kernel keeps for them is soon full."""
    sockets, asleep, ticks = 300, 9, 50
    crowd = made.gather(KNOWN)
    crowd.do("connect", count=sockets, ports=made.ports, stuck=asleep)
    heard = crowd.begin("count", ticks=ticks, limit=90)
    updates(ticks, every=0.4, size=100_000)
    heard = heard()
    found = {"healthy_lost": heard["lost"], "p99_ms": heard["p99_ms"]}
    print(f"    sleepers: {json.dumps(found)}", flush=True)
    return found


def run() -> dict[str, Any]:
    KNOWN[:] = people(max(SOCKETS, MOST if SOCKETS >= 10_000 else 0))
    with TemporaryDirectory(prefix="cs-fanout-") as folder, house(Path(folder)) as made:
        limit = limit_of(made, SOCKETS)
        one = cost_of_ours(made, SOCKETS, 1)
        made.stop_web()
        two = cost_of_ours(made, SOCKETS, 2)
        nights = _nights(made, SOCKETS)
        sleepers = _sleepers(made)
        made.stop_web()
        most: dict[str, Any] = {}
        if SOCKETS >= 10_000:
            most = cost_of_ours(made, MOST, 2)
            made.stop_web()
        naive = _naive(made, NAIVE)
    return {
        "sockets": SOCKETS,
        "cpu_over_rawsocket": round(one["us_per_delivery"] / limit["us_per_delivery"], 2),
        "cpu_over_rawsocket_2": round(two["us_per_delivery"] / limit["us_per_delivery"], 2),
        "us_per_delivery": one["us_per_delivery"],
        "p99_ms_rawsocket": limit["p99_ms"],
        "p99_ms_1": one["p99_ms"],
        "p99_ms_2": two["p99_ms"],
        "lost": one["lost"] + two["lost"] + one["gaps"] + two["gaps"] + most.get("lost", 0),
        "kb_per_socket": one["kb_per_socket"],
        "connect_us": one["connect_us"],
        **nights,
        "sleepers_healthy_lost": sleepers["healthy_lost"],
        "sleepers_p99_ms": sleepers["p99_ms"],
        **({"p99_ms_18000": most["p99_ms"]} if most else {}),
        "naive_sockets": NAIVE,
        "naive_over_ours": round(naive["us_per_delivery"] / one["us_per_delivery"], 1),
        "naive_p99_ms": naive["p99_ms"],
    }
