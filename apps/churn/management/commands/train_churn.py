import json
import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.churn import services
from apps.churn.progress import Stopped
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..moments import AS_OF, definition, moment


class Command(BaseCommand):
    help = "Learn a churn model from what was known at past dates, prove it on rows it has not seen, and put it to work if it earns it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--definition", metavar="NAME", help="default: the default definition")
        parser.add_argument("--as-of", metavar="DATE", help=f"learn from what was known then: {AS_OF}")
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        chosen = definition(options["definition"], now)
        as_of = moment(options["as_of"], now)
        self._line = False
        before = signal.getsignal(signal.SIGTERM)
        try:
            actor = Actor.job("command.train_churn")
            # Who ends the command wants no worker to begin again in its place, so it is treated like Ctrl-C.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            result = services.runs.train_here(chosen, as_of=as_of, actor=actor, clock=clock.now, watch=self._watch)
        except KeyboardInterrupt:
            raise self._ended("Stopped. Nothing was stored, what scored before goes on.", 130) from None
        except Stopped as stopped:
            raise self._ended(str(stopped), 1) from None
        except Refused as refusal:
            raise self._ended(refusal.message, 1) from None
        except Exception as error:
            if options["traceback"]:
                raise
            raise self._ended(f"The training of {chosen} broke ({type(error).__name__}: {error}). --traceback tells where.", 1) from error
        finally:
            signal.signal(signal.SIGTERM, before)
        self._clear()
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json()))
            return
        self.stdout.write(f"{result.definition}: {result.reason}")
        for candidate in result.candidates:
            figures = ", ".join(f"{name} {value:.4g}" for name, value in candidate.metrics.items())
            self.stdout.write(f"  {candidate.name}: {figures}")
        for column, why in result.refused_columns.items():
            self.stdout.write(f"  column {column} is not used: {why}")
        self.stdout.write(f"At work: {result.live}")

    def _watch(self, step: str, done: float) -> None:
        """One line that moves, for people only: a file or a pipe holds what came of it and nothing else."""
        if sys.stderr.isatty():
            self._line = True
            sys.stderr.write(f"\r\x1b[K{done:4.0%} {step}")
            sys.stderr.flush()

    def _clear(self) -> None:
        if self._line:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _ended(self, words: str, code: int) -> CommandError:
        self._clear()
        return CommandError(words, returncode=code)
