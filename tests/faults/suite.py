"""The scenarios of the long suite, and what is said about each."""

from collections.abc import Callable

from .broker import Broker
from .crew import Crew
from .database import crash
from .ingest import IngestReport
from .repeated import RepeatedReport
from .scenario import RESEND, TWILIO, Report, Scenario, run

__all__ = ["run", "scenarios", "tell"]

UNRELIABLE = {"drop": 0.06, "slow": 0.05, "refuse": 0.1, "shortest": 0.05, "longest": 0.5}
# 429 and 503; 500 and a page of HTML for what was taken.
UNRELIABLE_HTTP = {**UNRELIABLE, "ill": 0.06}


def scenarios(broker: Broker, messages: int) -> list[Scenario]:
    def kill(crew: Crew) -> None:
        crew.kill_one()

    def kill_and_flush(crew: Crew) -> None:
        crew.kill_one()
        if crew.kills % 3 == 0:
            broker.flush()

    def kill_broker(crew: Crew) -> None:
        broker.kill()
        broker.start()
        crew.kills += 1

    def stop_softly(crew: Crew) -> None:
        crew.terminate_one(times=3)

    def kill_flush_and_crash(crew: Crew) -> None:
        """Workers mostly; every third time the broker loses all, every fifth the database stops at once."""
        kill_and_flush(crew)
        if crew.kills % 5 == 0:
            crash()

    def nothing(crew: Crew) -> None:
        return

    return [
        Scenario("worker killed, broker flushed in between", kill_and_flush, messages, least_kills=15, peer=UNRELIABLE),
        Scenario("worker killed, mail server well-behaved", kill, messages, least_kills=15, peer={"shortest": 0.05, "longest": 0.5}),
        Scenario("broker killed", kill_broker, messages // 2, least_kills=3, pause=(2.0, 4.0), peer=UNRELIABLE),
        Scenario("worker told to stop three times in a row", stop_softly, messages // 2, least_kills=5, pause=(1.0, 2.5), peer=UNRELIABLE),
        Scenario("SMS: all killed and emptied, HTTP provider ill", kill_flush_and_crash, messages, least_kills=15, peer=UNRELIABLE_HTTP, door=TWILIO),
        Scenario("mail by HTTP with keys: all killed and emptied", kill_flush_and_crash, messages, least_kills=15, peer=UNRELIABLE_HTTP, door=RESEND),
        Scenario("four workers and two beats, nobody hurt", nothing, 5000, workers=4, beats=2, seconds=900),
        Scenario("mail server refuses half with 451", nothing, messages // 5, peer={"refuse": 0.5, "longest": 0.02}),
    ]


def tell(report: Report | IngestReport | RepeatedReport, say: Callable[[str], None]) -> Report | IngestReport | RepeatedReport:
    say(report.line())
    for unknown in getattr(report, "unknown_listed", ()):
        say(f"       unknown: message {unknown}")
    for wrong in report.wrong:
        say(f"       wrong: {wrong}")
    return report
