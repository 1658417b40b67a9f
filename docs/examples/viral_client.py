"""A small referral service that works with CS Platform: it writes a program, shows the offer, tells sign-ups and refunds, hears what came of them.

    python viral_client.py program https://product.example/start   # writes the program "friends" and puts it live
    python viral_client.py show 17                                 # shows the offer to contact 17; prints code and link
    python viral_client.py signup REF EMAIL ACCOUNT                # somebody came with ?ref=REF and made ACCOUNT
    python viral_client.py refund SIGNUP                           # they got their money back
    python viral_client.py listen 8080                             # takes webhooks, signed by Standard Webhooks
    python viral_client.py figures                                 # what the program brings, with intervals

Needs Python 3.11, httpx and standardwebhooks. docs/viral-guide.md goes through it step by step.
"""

import hashlib
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

URL = os.environ.get("CS_URL", "http://127.0.0.1:8000").rstrip("/")
KEY = os.environ.get("CS_KEY", "")
STORE = os.environ.get("CS_STORE", "viral.sqlite3")
# One secret per line, read anew for every delivery: add the new one when you rotate, and take the old one out a day later.
SECRETS_FILE = Path(os.environ.get("CS_SECRETS_FILE", "secrets.txt"))
PROGRAM = os.environ.get("CS_PROGRAM", "friends")
PATIENCE = 6


def ask(method: str, path: str, *, body: Any = None, **parameters: str) -> Any:
    """One call; 429 and errors of the server are tried again, which is safe: a sign-up is known by its message_id, the rest by its key."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    if content is not None:
        headers["Idempotency-Key"] = hashlib.sha256(path.encode() + content).hexdigest()
    for attempt in range(PATIENCE):
        try:
            answer = httpx.request(method, f"{URL}/api/v1/{path}", content=content, params=parameters or None, headers=headers, timeout=30)
        except httpx.TransportError:
            if attempt == PATIENCE - 1:
                raise
            time.sleep(2**attempt)
            continue
        if answer.status_code != 429 and answer.status_code < 500:
            break
        time.sleep(min(float(answer.headers.get("Retry-After", 2**attempt)), 60))
    if answer.is_error:
        raise SystemExit(f"{method} {path} was answered with {answer.status_code}: {answer.text[:500]}")
    return answer.json()


def program(goes_to: str) -> dict[str, Any]:
    """Both sides get something once the account that came has shared its first report."""
    found = ask("GET", "referral-programs/", key=PROGRAM)["results"]
    definition = {
        "goes_to": goes_to,
        "words": {
            "en": {"title": "Harbourlight", "text": "Scheduling and invoices for practices."},
            "de": {"title": "Harbourlight", "text": "Termine und Rechnungen für Praxen."},
        },
        "first_value": {"activity": "report.shared"},
        "advocate": {"unit": "points", "amount": 500},
        "friend": {"unit": "credits", "currency": "USD", "amount": 20},
        "per_month": 5,
    }
    made = found[0] if found else ask("POST", "referral-programs/", body={"key": PROGRAM, "name": "Friends", "definition": definition})
    if made["state"] != "live":
        made = ask("POST", f"referral-programs/{made['id']}/turn/", body={"state": "live"})
    return made


def show(contact: int) -> dict[str, Any]:
    """Where the offer is shown: asking for the code is what makes somebody count as exposed. 409: they declined, or the offer is hidden from them."""
    return ask("POST", "referral-advocates/", body={"program": PROGRAM, "contact": contact})


def sign_up(ref: str, email: str, account: str, *, payer: str = "", ip: str = "") -> dict[str, Any]:
    """`message_id` is the account: the same sign-up told twice is one."""
    body = {
        "program": PROGRAM,
        "message_id": f"signup-{account}",
        "code": ref,
        "email": email,
        "account_external_id": account,
        "payer": payer,
        "ip": ip,
    }
    return ask("POST", "referral-signups/", body=body)


def refund(signup: int) -> dict[str, Any]:
    return ask("POST", f"referral-signups/{signup}/refund/", body={"reason": "Refunded"})


def figures() -> dict[str, Any]:
    [found] = ask("GET", "referral-programs/", key=PROGRAM)["results"]
    return ask("GET", f"referral-programs/{found['id']}/analytics/")


# --- hearing of what came


class Ear(BaseHTTPRequestHandler):
    """Verify, store under the message's own id, answer 204; what is stored already is answered likewise. Work with it later, from the rows."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = self._verified(body)
        if said is None:
            self.send_error(401)
            return
        with sqlite3.connect(STORE) as kept:
            kept.execute("create table if not exists heard (id text primary key, type text, data text)")
            row = (self.headers["webhook-id"], said["type"], json.dumps(said["data"]))
            kept.execute("insert or ignore into heard values (?, ?, ?)", row)
        self.send_response(204)
        self.end_headers()

    def _verified(self, body: bytes) -> Any:
        for secret in SECRETS_FILE.read_text().split():
            try:
                return Webhook(secret).verify(body, dict(self.headers))
            except WebhookVerificationError:
                continue
        return None


def listen(port: int) -> None:
    print(f"listening on {port}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", port), Ear).serve_forever()


def main(words: list[str]) -> None:
    match words:
        case ["program", goes_to]:
            made = program(goes_to)
            print(made["key"], made["state"])
        case ["show", contact]:
            made = show(int(contact))
            print(made["code"], made["link"])
        case ["signup", ref, email, account]:
            made = sign_up(ref, email, account)
            print(made["id"], made["state"], made["reason"])
        case ["refund", signup]:
            print(refund(int(signup))["state"])
        case ["listen", port]:
            listen(int(port))
        case ["figures"]:
            told = figures()
            print(*(f"{name} {count}" for name, count in told["funnel"].items()), sep="\n")
            print(told["k"]["words"], told["cycle"]["words"], told["incremental"]["words"], sep="\n")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
