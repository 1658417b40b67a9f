import os
import signal
import smtplib
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from django.db import connection

from apps.core.errors import Refused
from apps.messaging import dispatch, maildir
from apps.messaging.models import Message
from tests import make
from tests.faults.peer import free_port


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def mail(number: int) -> bytes:
    return (
        f"From: us@x.test\nTo: p{number}@x.test\nReply-To: reply+a@x.test\nMessage-ID: <{number}@x>\nSubject: S{number}\n\nBody {number}\n".encode()
    )


def test_the_newest_mails_come_first_and_each_can_be_opened():
    assert maildir.newest(5) == []
    keys = [maildir.store(mail(number)) for number in range(4)]
    newest = maildir.newest(2)
    assert [(kept.id, kept.to, kept.subject, kept.text.strip()) for kept in newest] == [
        (keys[3], "p3@x.test", "S3", "Body 3"),
        (keys[2], "p2@x.test", "S2", "Body 2"),
    ]
    assert maildir.get(keys[0]).message_id == "<0@x>"
    assert maildir.get("nothing") is None


def test_only_the_newest_are_kept(monkeypatch):
    monkeypatch.setattr(maildir, "KEPT", 150)
    monkeypatch.setattr(maildir, "_since_look", 0)
    for number in range(300):
        maildir.store(mail(number))
    assert maildir.count() == 150
    assert [kept.subject for kept in maildir.newest(150)] == [f"S{number}" for number in range(299, 149, -1)]


@contextmanager
def mailbox(settings):
    """The real command as its own process, against the test's database."""
    port = free_port()
    test_database = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].replace("/cs?", f"/{test_database}?")
    env = {**os.environ, "DATABASE_URL": url, "CS_VAR": str(settings.VAR_DIR)}
    process = subprocess.Popen([sys.executable, "manage.py", "mailbox", "--port", str(port)], env=env)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                smtplib.SMTP("127.0.0.1", port, timeout=2).quit()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.django_db(transaction=True)
def test_a_mail_goes_out_lies_in_the_mailbox_and_is_answered_from_there(now, settings):
    message = make.message(make.contact(make.account()), now=now, reply_token="ab" * 16)
    with mailbox(settings):
        dispatch.one_round("email", owner="w1", clock=lambda: now)
        [kept] = maildir.newest(10)
        assert (kept.to, kept.subject, kept.reply_to) == (message.address, message.subject, f"reply+{'ab' * 16}@reply.cs.localhost")
        assert "How" in kept.text
        assert "<html" in kept.html

        maildir.reply(kept.id, "Yes, Monday suits me.\n\nOn Wed, Dana wrote:\n> Hi")

        answered = Message.objects.get(pk=message.pk)
        assert (answered.state, answered.reply) == ("replied", "Yes, Monday suits me.")
        assert len(maildir.newest(10)) == 1

        Message.objects.all().delete()
        with pytest.raises(Refused) as refusal:
            maildir.reply(kept.id, "Anyone?")
        assert refusal.value.code == "not_taken"
        assert "belongs to no message" in refusal.value.message


def test_a_mail_that_is_gone_or_has_no_address_cannot_be_answered(settings):
    key = maildir.store(b"From: a@x.test\nTo: b@x.test\nSubject: x\n\nHi\n")
    for mail_id in (key, "gone"):
        with pytest.raises(Refused) as refusal:
            maildir.reply(mail_id, "Hi")
        assert refusal.value.code == "no_reply_address"


def test_a_mail_server_that_is_away_is_told_in_words(settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    key = maildir.store(mail(1))
    with pytest.raises(Refused) as refusal:
        maildir.reply(key, "Hi")
    assert refusal.value.code == "not_taken"


def test_a_taken_port_is_one_clear_line():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run([sys.executable, "manage.py", "mailbox", "--port", str(port)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [f"CommandError: Port {port} cannot be used (Address already in use). Choose another with --port."]
