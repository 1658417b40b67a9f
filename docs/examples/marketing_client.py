"""A small marketing tool that works with CS Platform: it keeps a copy of one segment, hears of changes by webhook, and tells what its mails did.

    python marketing_client.py sync                 # the whole segment once, then only what changed
    python marketing_client.py listen 8080          # takes webhooks, signed by Standard Webhooks
    python marketing_client.py report results.csv   # sends what happened in the tool
    python marketing_client.py people               # whom it may write to now
    python marketing_client.py result spring-offer  # what a campaign of the platform changed, against its control group

Needs Python 3.11, httpx and standardwebhooks. docs/marketing-guide.md goes through it step by step.
"""

import csv
import hashlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

URL = os.environ.get("CS_URL", "http://127.0.0.1:8000").rstrip("/")
KEY = os.environ.get("CS_KEY", "")
SEGMENT = os.environ.get("CS_SEGMENT", "")
CHANNEL, TOPIC = os.environ.get("CS_CHANNEL", "email"), os.environ.get("CS_TOPIC", "success")
STORE = os.environ.get("CS_STORE", "marketing.sqlite3")
# One secret per line, read anew for every delivery: add the new one when you rotate, and take the old one out a day later.
SECRETS_FILE = Path(os.environ.get("CS_SECRETS_FILE", "secrets.txt"))

# What the platform wrote a moment ago may become readable a moment later; reading a little twice changes nothing.
OVERLAP = timedelta(minutes=5)
PART = 5_000
PATIENCE = 6

TABLES = """
create table if not exists member (account text primary key, name text, entered_at text);
create table if not exists person (account text, id integer, external_id text, name text, address text, primary key (account, id));
create table if not exists seen (webhook_id text primary key, at text);
create table if not exists mark (name text primary key, value text);
"""


def store() -> sqlite3.Connection:
    made = sqlite3.connect(STORE, timeout=1)
    made.executescript(TABLES)
    return made


# --- asking the platform


def ask(method: str, path: str, *, body: Any = None, **parameters: str) -> Any:
    """One call; 429 and errors of the server are tried again, which is safe: the same Idempotency-Key is done once."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if content is not None:
        headers["Idempotency-Key"] = hashlib.sha256(path.encode() + content).hexdigest()
    address = path if path.startswith("http") else f"{URL}/api/v1/{path}"
    for attempt in range(PATIENCE):
        try:
            answer = httpx.request(method, address, content=content, params=parameters or None, headers=headers, timeout=30)
        except httpx.TransportError:
            if attempt == PATIENCE - 1:
                raise
            time.sleep(2**attempt)
            continue
        if answer.status_code != 429 and answer.status_code < 500:
            break
        time.sleep(min(float(answer.headers.get("Retry-After", 2**attempt)), 60))
    if answer.is_error:
        raise SystemExit(f"{method} {address} was answered with {answer.status_code}: {answer.text[:500]}")
    return answer.json()


def pages(path: str, **parameters: str) -> Iterator[dict[str, Any]]:
    page = ask("GET", path, **parameters)
    while True:
        yield from page["results"]
        if page["next"] is None:
            return
        page = ask("GET", page["next"])


# --- the copy of the segment


def sync() -> int:
    """Bring the copy up to date; returns how many rows were read."""
    began = datetime.now(UTC)
    with store() as kept:
        since = kept.execute("select value from mark where name = 'synced'").fetchone()
    asked = {"since": since[0]} if since else {"state": "in"}
    count = 0
    for row in pages("audience/", segment=SEGMENT, channel=CHANNEL, topic=TOPIC, limit="200", **asked):
        with store() as kept:
            put(kept, row)
        count += 1
    with store() as kept:
        kept.execute("insert or replace into mark values ('synced', ?)", [(began - OVERLAP).isoformat()])
    return count


def put(kept: sqlite3.Connection, row: dict[str, Any]) -> None:
    """One stay as the platform tells it. A stay that ended before the one we know began says nothing of the present."""
    account = row["account_external_id"]
    known = kept.execute("select entered_at from member where account = ?", [account]).fetchone()
    if known and datetime.fromisoformat(row["entered_at"]) < datetime.fromisoformat(known[0]):
        return
    kept.execute("delete from person where account = ?", [account])
    if row["left_at"] is not None:
        kept.execute("delete from member where account = ?", [account])
        return
    kept.execute("insert or replace into member values (?, ?, ?)", [account, row["account_name"], row["entered_at"]])
    people = [(account, one["id"], one["external_id"], one["name"], one.get("email") or one.get("phone", "")) for one in row["contacts"]]
    kept.executemany("insert into person values (?, ?, ?, ?, ?)", people)


# --- hearing of changes


def receive(body: bytes, headers: dict[str, str]) -> int:
    """Verify, remember, fetch the present; the status to answer. Anything that goes wrong is a 500, and the platform comes again."""
    event = verified(body, headers)
    if event is None:
        return 401
    with store() as kept:
        if kept.execute("select 1 from seen where webhook_id = ?", [headers["webhook-id"]]).fetchone():
            return 200
    stays = []
    if event["type"] in ("segment.entered", "segment.left", "consent.changed"):
        # Deliveries may come late and in any order, so the news is only that something changed; what is true now is asked for.
        account = event["data"]["account"]["external_id"]
        stays = list(pages("audience/", segment=SEGMENT, account_external_id=account, channel=CHANNEL, topic=TOPIC))
    with store() as kept:
        for row in sorted(stays, key=lambda one: one["entered_at"])[-1:]:
            put(kept, row)
        kept.execute("insert or ignore into seen values (?, ?)", [headers["webhook-id"], datetime.now(UTC).isoformat()])
        kept.execute("delete from seen where at < ?", [(datetime.now(UTC) - timedelta(days=5)).isoformat()])
    return 204


def verified(body: bytes, headers: dict[str, str]) -> dict[str, Any] | None:
    for secret in SECRETS_FILE.read_text().split():
        try:
            return dict(Webhook(secret).verify(body, headers))
        except (WebhookVerificationError, ValueError):
            continue
    return None


class Ear(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 1_000_000))
        try:
            status = receive(body, {name.lower(): value for name, value in self.headers.items()})
        except (Exception, SystemExit) as error:
            print(f"could not take a delivery: {error}", file=sys.stderr, flush=True)
            status = 500
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        print(f"{self.headers.get('webhook-id')} {status}", flush=True)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def listen(port: int) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", port), Ear)
    print(f"listening on {server.server_port}", flush=True)
    server.serve_forever()


# --- telling what happened


def report(file: str) -> dict[str, int]:
    """Send the rows of a CSV file, whose columns are called as the fields of the API; returns how many were created, changed, same, refused.

    Sent again, nothing changes: every row has an id of its own.
    """
    with open(file, newline="", encoding="utf-8") as lines:
        rows = [{name: value for name, value in row.items() if value} for row in csv.DictReader(lines)]
    told = dict.fromkeys(("created", "changed", "same", "refused"), 0)
    for start in range(0, len(rows), PART):
        answer = ask("POST", "outside-touches/bulk/", body=rows[start : start + PART])
        for name in told:
            told[name] += answer[name]
        for item in answer["items"]:
            if item["status"] == "refused" or "left" in item:
                print(f"row {start + item['index'] + 2}: {item.get('reason') or item['left']}", file=sys.stderr)
    return told


# --- whom, and what it changed


def people() -> list[tuple[str, str, str]]:
    with store() as kept:
        return kept.execute("select account, name, address from person order by account, id").fetchall()


def result(campaign: str) -> Any:
    """What a campaign of the platform changed, against the customers it left out on purpose; never clicks alone."""
    found = [row for row in pages("campaign-results/", campaign=campaign)]
    if not found:
        raise SystemExit(f"There is no result of {campaign} yet.")
    return found[0]


def main(words: list[str]) -> None:
    match words:
        case ["sync"]:
            print(f"{sync()} read, {len(people())} people to write to")
        case ["listen", port]:
            listen(int(port))
        case ["report", file]:
            print(json.dumps(report(file)))
        case ["people"]:
            for account, name, address in people():
                print(f"{account}\t{name}\t{address}")
        case ["result", campaign]:
            print(json.dumps(result(campaign), indent=2))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
