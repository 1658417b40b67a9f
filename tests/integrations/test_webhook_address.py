"""Where webhooks may lead: never inside, whatever way that is written, and never elsewhere than was checked."""

import datetime
import ipaddress
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.integrations.webhooks import address, posting

from .receiver import Receiver, Reply


def names(*addresses: str):
    """A name server whose answers are these, one after the other, and the last of them for ever."""
    answers = list(addresses)

    def ask(host, port, **_):
        words = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in words.split()]

    return ask


@pytest.fixture
def here(settings):
    """This machine may be called, by http too."""
    settings.WEBHOOK_INSIDE_NETWORKS, settings.WEBHOOK_ALLOW_HTTP = [ipaddress.ip_network("127.0.0.0/8")], True


INSIDE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "::1",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
]


@pytest.mark.parametrize("inside", INSIDE)
def test_an_inside_address_is_refused_as_it_stands_and_behind_a_name(inside):
    with pytest.raises(address.Unreachable):
        address.read(f"https://[{inside}]/" if ":" in inside else f"https://{inside}/")
    with pytest.raises(address.Unreachable):
        address.resolve(address.read("https://hooks.example.com/"), ask=names(inside))


@pytest.mark.parametrize("inside", INSIDE)
def test_one_inside_address_among_good_ones_refuses_them_all(inside):
    with pytest.raises(address.Unreachable):
        address.resolve(address.read("https://hooks.example.com/"), ask=names(f"93.184.216.34 {inside}"))


@pytest.mark.parametrize("written", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "\uff11\uff12\uff17.0.0.1", "127.0.0.1."])
def test_an_inside_address_in_disguise_is_refused(written):
    """By the machine's own resolver, which reads all of these; a name it does not know is refused as well."""
    answer = posting.post(f"https://{written}/", headers={}, body=b"{}")
    assert answer.status is None
    assert "inside our own network" in answer.words or "not known" in answer.words


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "https://",
        "https:///path",
        "//example.com/",
        "example.com",
        "https://user@example.com/",
        "https://user:secret@example.com/",
        "https://example.com/#part",
        "https://example.com/a b",
        "https://example.com/a\r\nX-Evil: 1",
        "https://exa\x00mple.com/",
        "https://example.com:99999/",
        "https://example.com:port/",
        "https://[::1/",
        "https://example.com/ü",
        "https://" + "a" * 300 + ".com/",
        "https://a..b/",
    ],
)
def test_what_is_no_https_address_is_refused(url):
    with pytest.raises(address.Unreachable):
        address.read(url)


def test_good_addresses_are_read_in_their_parts():
    assert address.read("https://example.com/in?x=1") == address.Target("https", "example.com", 443, "/in?x=1")
    assert address.read("https://bücher.example").host == "xn--bcher-kva.example"
    assert address.read("https://[2606:4700::1111]/").authority == "[2606:4700::1111]"
    assert address.resolve(address.read("https://example.com/"), ask=names("93.184.216.34 2606:4700::1111")) == ["93.184.216.34", "2606:4700::1111"]


def test_out_in_the_internet_only_the_usual_port_is_called(here):
    with pytest.raises(address.Unreachable, match="Only port 443"):
        address.resolve(address.read("https://example.com:22/"), ask=names("93.184.216.34"))
    with pytest.raises(address.Unreachable, match="Only port 80"):
        address.resolve(address.read("http://example.com:8080/"), ask=names("93.184.216.34"))


def test_networks_of_ones_own_can_be_allowed_but_never_the_metadata_service(settings):
    settings.WEBHOOK_INSIDE_NETWORKS = [ipaddress.ip_network(words) for words in ("10.20.0.0/16", "169.254.0.0/16", "0.0.0.0/0", "::/0")]
    target = address.read("https://hooks.example.com:8443/")
    assert address.resolve(target, ask=names("10.20.0.7")) == ["10.20.0.7"]
    for never in ("169.254.169.254", "168.63.129.16", "fe80::1", "fd00:ec2::254", "0.0.0.0", "224.0.0.1"):
        with pytest.raises(address.Unreachable, match="never called"):
            address.resolve(target, ask=names(never))


def test_a_name_that_changes_its_mind_is_asked_once_and_called_where_it_was_checked(settings):
    """DNS rebinding: first an allowed address, afterwards one inside. Nobody asks a second time."""
    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_INSIDE_NETWORKS = [ipaddress.ip_network("::1/128")]
    inside = Receiver()
    asked = []
    good, bad = names("::1"), names("127.0.0.1")

    def ask(host, port, **more):
        asked.append(host)
        return (good if len(asked) == 1 else bad)(host, port, **more)

    # Nothing listens there, so the call fails there instead of reaching 127.0.0.1.
    answer = posting.post(f"http://rebound.test:{inside.server_port}/", headers={}, body=b"{}", ask=ask)
    assert asked == ["rebound.test"]
    assert answer.status is None
    assert "connection failed" in answer.words
    assert inside.received == []
    inside.shutdown()


def test_a_redirect_is_not_followed(here):
    inside = Receiver()
    door = Receiver(then=Reply(302, {"Location": inside.url}))
    answer = posting.post(door.url, headers={}, body=b"{}")
    assert (answer.status, answer.ok, len(door.received), inside.received) == (302, False, 1, [])
    door.shutdown()
    inside.shutdown()


class Odd:
    """A server that says whatever it likes, one connection at a time."""

    def __init__(self, talk) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/"
        self.sent = 0
        threading.Thread(target=self._serve, args=(talk,), daemon=True).start()

    def _serve(self, talk) -> None:
        line, _ = self.listening.accept()
        line.recv(65_536)
        try:
            for piece in talk():
                line.sendall(piece)
                self.sent += len(piece)
        except OSError:
            pass
        line.close()


def forever(piece: bytes, *, first: bytes = b"", pause: float = 0.0):
    def talk():
        yield first
        wait = threading.Event()
        while True:
            wait.wait(pause)
            yield piece

    return talk


def test_headers_that_never_end_and_bodies_that_drip_end_at_the_deadline(here, settings):
    settings.WEBHOOK_TIMEOUT = 1
    answer = posting.post(Odd(forever(b"x", first=b"HTTP/1.1 200 OK\r\nX-A: ", pause=0.05)).url, headers={}, body=b"{}")
    assert (answer.status, answer.words) == (None, "No answer within 1 seconds.")
    # The status had come, so it counts, and what dripped afterwards does not.
    answer = posting.post(Odd(forever(b"x", first=b"HTTP/1.1 200 OK\r\n\r\n", pause=0.05)).url, headers={}, body=b"{}")
    assert (answer.status, answer.ok) == (200, True)
    assert set(answer.words) == {"x"}


def test_a_flood_is_not_read_to_its_end(here):
    body = Odd(forever(b"x" * 65_536, first=b"HTTP/1.1 500 No\r\n\r\n"))
    answer = posting.post(body.url, headers={}, body=b"{}")
    assert (answer.status, answer.words) == (500, "x" * 200)
    assert body.sent < 16 * 1024 * 1024
    headers = posting.post(Odd(forever(b"X-A: aaaaaaaaaaaaaaaa\r\n" * 1000, first=b"HTTP/1.1 200 OK\r\n")).url, headers={}, body=b"{}")
    assert headers.status is None


@pytest.mark.parametrize("said", [b"", b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x16\x03\x01", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
def test_what_is_no_http_is_an_answer_too(here, said):
    answer = posting.post(Odd(lambda: [said]).url, headers={}, body=b"{}")
    assert (answer.status, answer.ok) == (None, False)
    assert answer.words.startswith("The connection failed")


def certificate(folder, name: str) -> str:
    """A key and a certificate for one name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    began = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    built = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(7)
    built = built.not_valid_before(began).not_valid_after(began + datetime.timedelta(days=30))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
    path = folder / f"{name}.pem"
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return str(path)


def test_https_is_for_the_name_and_for_certificates_that_are_trusted(here, tmp_path, monkeypatch):
    """The address called is the one that was checked; the certificate is the name's."""
    path = certificate(tmp_path, "hooks.test")
    server = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server.socket = context.wrap_socket(server.socket, server_side=True)

    def send(name: str) -> posting.Answer:
        return posting.post(f"https://{name}:{server.server_port}/in", headers={}, body=b"{}", ask=names("127.0.0.1"))

    assert "CERTIFICATE_VERIFY_FAILED" in send("hooks.test").words
    monkeypatch.setenv("SSL_CERT_FILE", path)
    assert send("hooks.test").status == 200
    assert "CERTIFICATE_VERIFY_FAILED" in send("other.test").words
    assert [got.headers["host"] for got in server.received] == [f"hooks.test:{server.server_port}"]
    server.shutdown()
