"""The example client of the viral guide as a process of its own, against the product: program, link, sign-up, value, webhook, refund."""

import json
import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core.management import call_command

from apps.community.models import Referral
from apps.core import clock
from apps.integrations import services as integrations
from apps.milestones import services as milestones
from apps.milestones.models import RewardBalance
from cs_platform.invariants import broken
from cs_platform.local.__main__ import free_port
from tests import make
from tests.journeys.test_walk import post
from tests.product import ROOT, running, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
CLIENT = ROOT / "docs" / "examples" / "viral_client.py"


class Tool:
    """The viral team's machine: the client with its settings, its store and its file of secrets."""

    def __init__(self, folder: Path, url: str, key: str) -> None:
        self.store, self.secrets, self.log = folder / "store.sqlite3", folder / "secrets.txt", folder / "ear.log"
        own = {"CS_URL": url, "CS_KEY": key, "CS_STORE": str(self.store), "CS_SECRETS_FILE": str(self.secrets)}
        self.environment = {**os.environ, **own, "PYTHONUNBUFFERED": "1"}
        self.port = free_port()

    def run(self, *words: str) -> str:
        done = subprocess.run([sys.executable, str(CLIENT), *words], env=self.environment, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def heard(self) -> list[tuple[str, dict]]:
        if not self.store.exists():
            return []
        with sqlite3.connect(self.store) as kept:
            found = kept.execute("select name from sqlite_master where name = 'heard'").fetchall()
            return [(kind, json.loads(data)) for kind, data in kept.execute("select type, data from heard order by rowid")] if found else []

    def said(self) -> str:
        return self.log.read_text(errors="replace")


def balance(account) -> dict[str, int]:
    return {row.currency or row.unit: int(row.amount) for row in RewardBalance.objects.filter(account=account, book="account")}


def test_the_example_client_goes_from_a_program_to_a_reward_and_back(tmp_path):
    call_command("prepare", quiet=True)
    now = clock.now()
    advocate, friend = make.account(created_at=now - timedelta(days=400), domain="ours.test"), make.friend(now=now, external_id="new-1")
    person = make.contact(advocate)
    for unit, currency in (("points", ""), ("credits", "USD")):
        milestones.plan_budget(month=now.date().replace(day=1), amount=1_000, unit=unit, currency=currency, actor=make.ACTOR, now=now)
    scopes = ("community:read", "community:write", "webhooks:read", "webhooks:write")
    key = integrations.create_key(name="viral", scopes=scopes, actor=make.ACTOR, now=now)[1]
    _, write_key = integrations.create_source(name="product", now=now)
    with running(beat=True, WEBHOOK_INSIDE_NETWORKS="127.0.0.0/8", WEBHOOK_ALLOW_HTTP="1") as product:
        tool = Tool(tmp_path, product.url, key)
        with tool.log.open("wb") as log:
            ear = subprocess.Popen([sys.executable, str(CLIENT), "listen", str(tool.port)], env=tool.environment, stdout=log, stderr=log)
        try:
            wait_for(lambda: "listening" in tool.said(), what="the client")
            api = httpx.Client(base_url=f"{product.url}/api/v1/", headers={"Authorization": f"Bearer {key}"}, timeout=90)
            asked = {"url": f"http://127.0.0.1:{tool.port}/", "events": ["referral.changed", "referral.rewarded"]}
            tool.secrets.write_text(api.post("webhooks/", json=asked).json()["secret"])

            assert tool.run("program", "https://product.test/start?from=page") == "friends live"
            assert tool.run("program", "https://product.test/start?from=page") == "friends live"
            code, link = tool.run("show", str(person.pk)).split()
            assert tool.run("show", str(person.pk)).split() == [code, link]

            # A stranger looks, presses the button, and arrives at the product with a code of the click.
            assert httpx.get(link).status_code == 200
            went = urlsplit(httpx.post(link).headers["Location"])
            assert (went.netloc, parse_qs(went.query)["from"]) == ("product.test", ["page"])
            [ref] = parse_qs(went.query)["ref"]
            number, state = tool.run("signup", ref, "noor@new.test", "new-1").split()[:2]
            assert (state, tool.run("signup", ref, "noor@new.test", "new-1").split()[0]) == ("pending", number)

            # The first value comes in like all activity, and the reward follows by itself.
            post(product, write_key, friend, ("report.shared",))
            wait_for(lambda: balance(friend) == {"USD": 20}, what="the reward of the friend")
            assert balance(advocate) == {"points": 500}
            wait_for(lambda: [kind for kind, _ in tool.heard()].count("referral.rewarded") == 2, what="the webhooks")
            # Each webhook is delivered by itself: the later one may come first.
            wait_for(lambda: [kind for kind, _ in tool.heard()].count("referral.changed") == 2, what="the webhooks of the referral")
            assert {data["state"] for kind, data in tool.heard() if kind == "referral.changed"} == {"pending", "approved"}

            assert tool.run("refund", number) == "voided"
            assert tool.run("refund", number) == "voided"
            wait_for(lambda: [kind for kind, _ in tool.heard()].count("referral.rewarded") == 4, what="the webhooks of the refund")
            assert (balance(advocate), balance(friend)) == ({"points": 0}, {"USD": 0})
            figures = tool.run("figures")
            assert "exposed 1\ninvited 0\ndelivered 0\nclicked 1\nsigned_up 1\nactivated 1\napproved 0" in figures
            assert "We cannot tell yet: 0 approved of 1 who saw the offer." in figures

            # Nobody else can write to the client.
            forged = httpx.post(f"http://127.0.0.1:{tool.port}/", json={"type": "referral.rewarded", "data": {}})
            assert forged.status_code == 401
        finally:
            ear.terminate()
            ear.wait(10)
    assert Referral.objects.get().state == "voided"
    assert broken(now=clock.now()) == []
