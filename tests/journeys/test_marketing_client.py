"""The example client of the marketing guide as a process of its own, against the running product: a copy of a segment, webhooks, results."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from django.core.management import call_command
from django.db import transaction

from apps.campaigns.models import OutsideTouch
from apps.core import clock
from apps.events import services as events
from apps.events.models import Delivery
from apps.events.vocabulary import SegmentEntered, SegmentLeft
from apps.integrations import services as integrations
from apps.integrations.models import WebhookDelivery
from apps.messaging import services as messaging
from apps.messaging.models import Consent
from cs_platform.local.__main__ import free_port
from tests import make
from tests.product import ROOT, running, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
CLIENT = ROOT / "docs" / "examples" / "marketing_client.py"


class Tool:
    """The marketing team's machine: the client with its settings, its store and its file of secrets."""

    def __init__(self, folder: Path, url: str, key: str) -> None:
        self.store, self.secrets, self.log = folder / "store.sqlite3", folder / "secrets.txt", folder / "ear.log"
        own = {"CS_URL": url, "CS_KEY": key, "CS_SEGMENT": "vip", "CS_STORE": str(self.store), "CS_SECRETS_FILE": str(self.secrets)}
        self.environment = {**os.environ, **own, "PYTHONUNBUFFERED": "1"}
        self.port = free_port()

    def run(self, *words: str) -> str:
        done = subprocess.run([sys.executable, str(CLIENT), *words], env=self.environment, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def people(self) -> list[str]:
        return [line.split("\t")[2] for line in self.run("people").splitlines()]

    @contextmanager
    def listening(self) -> Iterator[None]:
        with self.log.open("wb") as log:
            command = [sys.executable, str(CLIENT), "listen", str(self.port)]
            process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
            try:
                wait_for(lambda: "listening" in self.said(), what="the client")
                yield
            finally:
                process.terminate()
                process.wait(10)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def answers(self, status: int) -> int:
        return sum(line.endswith(f" {status}") for line in self.said().splitlines())


def state(tool: Tool) -> str:
    """What the client said last, and how far the product came with its deliveries."""
    waiting = Delivery.objects.exclude(state="done").values_list("handler", "state", "attempts", "last_error")
    sent = WebhookDelivery.objects.values_list("type", "state", "attempt", "status", "answer")
    return f"{tool.said()[-1_000:]} / waiting: {list(waiting)[:20]} / webhooks: {list(sent)[:20]}"


def enter(name: str, now) -> object:
    """A customer comes into the segment, as the segments themselves tell it."""
    with transaction.atomic():
        account = make.account(external_id=name, name=name.capitalize())
        make.contact(account, external_id=f"{name}-1", email=f"ana@{name}.test", name="Ana")
        stay = make.member(account, now=now, key="vip")
        said = SegmentEntered(account_id=account.pk, segment_id=stay.segment_id, segment="vip", membership_id=stay.pk)
        events.publish(said, actor=make.ACTOR, now=now)
    return stay


def leave(stay, now) -> None:
    with transaction.atomic():
        stay.left_at = now
        stay.save()
        said = SegmentLeft(account_id=stay.account_id, segment_id=stay.segment_id, segment="vip", membership_id=stay.pk)
        events.publish(said, actor=make.ACTOR, now=now)


def test_the_example_client_keeps_a_segment_hears_of_changes_and_tells_its_results(tmp_path):
    call_command("prepare", quiet=True)
    scopes = ("audiences:read", "accounts:read", "touches:write", "campaigns:read", "webhooks:read", "webhooks:write")
    key = integrations.create_key(name="mailer", scopes=scopes, actor=make.ACTOR, now=clock.now())[1]
    first = enter("acme", clock.now())
    silent = make.contact(first.account, email="no@acme.test")
    messaging.record_consent(contact=silent, channel="email", topic="success", allowed=False, source="page", now=clock.now())
    with running(beat=True, WEBHOOK_INSIDE_NETWORKS="127.0.0.0/8", WEBHOOK_ALLOW_HTTP="1") as product:
        tool = Tool(tmp_path, product.url, key)
        api = httpx.Client(base_url=f"{product.url}/api/v1/", headers={"Authorization": f"Bearer {key}"}, timeout=90)
        with tool.listening():
            # The whole once, and then only what changed.
            assert tool.run("sync") == "1 read, 1 people to write to"
            assert tool.people() == ["ana@acme.test"]

            # A webhook hears from now on, so what came before it has been told to everybody first.
            wait_for(lambda: not Delivery.objects.exclude(state="done").exists(), what=lambda: f"a still product: {state(tool)}")

            # A webhook for this segment only. The store is locked meanwhile, so the client answers 500, and the product comes again.
            kinds = ["segment.entered", "segment.left", "consent.changed"]
            asked = {"url": f"http://127.0.0.1:{tool.port}/", "events": kinds, "segments": ["vip"]}
            made = api.post("webhooks/", json=asked)
            assert made.status_code == 201, made.text
            tool.secrets.write_text(made.json()["secret"])
            with closing(sqlite3.connect(tool.store, isolation_level=None)) as lock:
                lock.execute("begin exclusive")
                second = enter("zenith", clock.now())
                wait_for(lambda: tool.answers(500) > 0, what=lambda: f"the client's 500: {state(tool)}")
                lock.execute("rollback")
            wait_for(lambda: tool.answers(204) == 1, what=lambda: f"the second attempt: {state(tool)}")
            assert tool.people() == ["ana@acme.test", "ana@zenith.test"]
            assert WebhookDelivery.objects.get(type="segment.entered").attempt > 1

            # Rotated: the old secret does for a while, then the new one alone.
            turned = api.post(f"webhooks/{made.json()['id']}/rotate/", json={"hours": 24})
            assert turned.status_code == 200, turned.text
            third = enter("nadir", clock.now())
            wait_for(lambda: tool.answers(204) == 2, what=lambda: f"the delivery after the rotation, by the old secret: {state(tool)}")
            tool.secrets.write_text(turned.json()["secret"])
            leave(second, clock.now())
            wait_for(lambda: tool.answers(204) == 3, what=lambda: f"the delivery by the new secret: {state(tool)}")
            assert tool.people() == ["ana@acme.test", "ana@nadir.test"]

            # What is not signed by us is not believed.
            forged = httpx.post(f"http://127.0.0.1:{tool.port}/", content=b"{}", headers={"webhook-id": "msg_1"})
            assert forged.status_code == 401

            # Results, sent twice: they count once, and an unsubscribe comes back as a word of consent.
            rows = [
                {"external_id": "m1", "kind": "delivered", "at": "2026-03-01T08:00:00Z", "email": "ana@acme.test", "utm_campaign": "spring"},
                {"external_id": "m2", "kind": "clicked", "at": "2026-03-01T09:00:00Z", "email": "ana@acme.test", "utm_campaign": "spring"},
                {"external_id": "m3", "kind": "unsubscribed", "at": "2026-03-01T09:05:00Z", "email": "ana@acme.test", "topic": "success"},
                {"external_id": "m4", "kind": "clicked", "at": "2026-03-01T09:00:00Z", "email": "nobody@acme.test"},
            ]
            results = tmp_path / "results.csv"
            with results.open("w", newline="") as file:
                table = csv.DictWriter(file, ["external_id", "kind", "at", "email", "utm_campaign", "topic"])
                table.writeheader()
                table.writerows(rows)
            told = {"created": 3, "changed": 0, "same": 0, "refused": 1}
            assert [json.loads(tool.run("report", str(results))) for _ in range(2)] == [told, told]
            assert sorted(OutsideTouch.objects.values_list("external_id", "kind", "source")) == [
                ("m1", "delivered", "mailer"),
                ("m2", "clicked", "mailer"),
                ("m3", "unsubscribed", "mailer"),
            ]
            assert Consent.objects.filter(contact__email="ana@acme.test", allowed=False).count() == 1
            wait_for(lambda: tool.people() == ["ana@nadir.test"], what=lambda: f"the no of a person to reach the copy: {state(tool)}")

            # What a campaign of the platform changed: it has not gone out yet, so nobody is held out, and it says so instead of counting clicks.
            make.news()
            make.campaign(key="spring-offer", says={"holdout_percent": 10}, live_at=clock.now())
            read = json.loads(tool.run("result", "spring-offer"))
            assert (read["key"], read["state"]) == ("spring-offer", "live")
            assert read["verdict"] == "nobody"

            # And a client whose ear was closed catches up.
            leave(third, clock.now())
            tool.run("sync")
            assert tool.people() == []
