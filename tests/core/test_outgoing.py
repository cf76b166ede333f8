"""The one way out: which addresses may be asked, and what happens to servers that mean no good."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ideas.core import clock, outgoing
from ideas.core.outgoing import (
    ANSWER_MAX,
    Errand,
    RequestFailed,
    Unreachable,
    fetch_json,
    may_be_asked,
    oauth_session,
    require_safe,
)

pytestmark = pytest.mark.once

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PUBLIC = "93.184.216.34"

#: What stands in an address where a host should, and hides something that nobody outside may ask.
HIDING = [
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "192.168.255.255",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "0.0.0.0",
    "0",
    "0.1.2.3",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "3232235521",
    "0xc0a80001",
    "169.254.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "169.254.169.254.",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.254",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::0001]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::1]",
    "[100::1]",
    "[2001::1]",
    "[2001:0:7f00:1::1]",
    "[2001:2::1]",
    "[2001:10::1]",
    "[2001:20::1]",
    "[2001:db8::1]",
    "[2002::1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2002:c0a8:1::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd00::1]",
    "[fd12:3456:789a::1]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "[4000::1]",
    "[::fffe:1.1.1.1]",
]
OPEN = ["93.184.216.34", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.0.1.1", "223.255.0.1"]
OPEN_V6 = ["2606:4700::1111", "2a00:1450:4001::1", "2001:200::1", "2003::1", "2001:4860:4860::8888"]
#: No addresses that anybody may ask, whatever stands behind them.
CROOKED = [
    "",
    "https://",
    "//home.example/",
    "http://93.184.216.34/",
    "ftp://93.184.216.34/",
    "file:///etc/passwd",
    "gopher://93.184.216.34/",
    "https://a@93.184.216.34/",
    "https://@93.184.216.34/",
    "https://93.184.216.34@127.0.0.1/",
    "https://93.184.216.34\\@127.0.0.1/",
    "https://93.184.216.34:99999/",
    "https://93.184.216.34:x/",
    "https://[::1/",
    "https://[zz]/",
    "https://93.184.216.34 /",
    "https://93.184.\n216.34/",
    "https://93.184.216.34/\r\nX: y",
    "https://①②⑦.0.0.1/",
    "https://no-such-name.invalid/",
    "javascript:alert(1)",
]


def errand(*, networks: Any = (), seconds: float = 10, authorities: Path | None = None) -> Errand:
    """Return an errand of so many seconds."""
    return Errand(tuple(networks), time.monotonic() + seconds, str(authorities) if authorities else None)


@pytest.mark.parametrize("host", HIDING)
def test_no_form_of_an_address_leads_into_a_network_that_is_not_public(host: str) -> None:
    with pytest.raises(Unreachable):
        require_safe(f"https://{host}/", errand())


@pytest.mark.parametrize("address", [*OPEN, *OPEN_V6])
def test_public_addresses_may_be_asked(address: str) -> None:
    assert may_be_asked(address)
    host = f"[{address}]" if ":" in address else address
    require_safe(f"https://{host}/x?y=1", errand())


@pytest.mark.parametrize("url", CROOKED)
def test_crooked_addresses_are_not_asked(url: str) -> None:
    with pytest.raises(Unreachable):
        require_safe(url, errand(networks=LOOPBACK))


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "224.0.0.1", "ff02::1", "0.0.0.0", "::"])
def test_link_local_addresses_are_asked_under_no_setting(address: str) -> None:
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert not may_be_asked(address, everything)
    assert may_be_asked("10.0.0.1", everything)


def test_a_network_of_ones_own_is_asked_only_where_it_is_named() -> None:
    own = (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))
    require_safe("https://10.20.3.4/", errand(networks=own))
    require_safe("https://[fd00::7]/", errand(networks=own))
    for url in ("https://10.21.0.1/", "https://127.0.0.1/", "http://10.20.3.4/"):
        with pytest.raises(Unreachable):
            require_safe(url, errand(networks=own))


def test_a_name_with_one_address_that_is_not_public_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found(PUBLIC, "10.0.0.1"))
    with pytest.raises(Unreachable):
        require_safe("https://home.example/", errand())


def found(*addresses: str) -> list[Any]:
    """Return what a name server's answer looks like."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses]


Talk = Callable[[Any], None]


@contextmanager
def server(talk: Talk, *, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """Run a server that answers every request with `talk`; gives its port and the headers of what it was asked."""
    asked: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
            try:
                talk(self)
            except OSError:
                # Whoever asked has gone.
                self.close_connection = True

        def log_message(self, *_args: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    if context is not None:
        running.socket = context.wrap_socket(running.socket, server_side=True)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield running.server_port, asked
    finally:
        running.shutdown()
        running.server_close()
        thread.join(5)


def answering(body: bytes, **headers: str) -> Talk:
    """Return a server's answer with this body."""

    def talk(handler: Any) -> None:
        handler.send_response(200)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return talk


def test_what_a_server_answers_is_returned_whole() -> None:
    with server(answering(b'{"a": [1, 2]}')) as (port, asked):
        assert fetch_json(f"http://127.0.0.1:{port}/x", errand(networks=LOOPBACK)) == {"a": [1, 2]}
    assert asked[0]["accept-encoding"] == "identity"


def test_this_machine_is_not_asked_where_no_setting_allows_it() -> None:
    with server(answering(b"{}")) as (port, asked):
        for url in (f"http://127.0.0.1:{port}/", f"http://localhost:{port}/"):
            with pytest.raises(Unreachable):
                fetch_json(url, errand())
    assert asked == []


def test_a_name_that_means_this_machine_a_moment_later_reaches_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    answers = iter([found(PUBLIC)])

    def flipping(host: str, *args: Any, **kwargs: Any) -> Any:
        return next(answers, None) or found("127.0.0.1") if host == "home.example" else real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", flipping)
    with server(answering(b"{}")) as (port, asked), pytest.raises(RequestFailed):
        fetch_json(f"https://home.example:{port}/", errand())
    assert asked == []


def test_a_name_that_leaves_this_machine_a_moment_later_hears_nothing_unencrypted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached: list[object] = []
    answers = iter([found("127.0.0.1")])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: next(answers, None) or found(PUBLIC))
    monkeypatch.setattr(socket, "create_connection", lambda address, **_kwargs: reached.append(address))
    with pytest.raises(RequestFailed):
        fetch_json("http://home.example/", errand(networks=LOOPBACK))
    assert reached == []


def test_no_name_is_looked_up_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **_kwargs: asked.append(args))
    with pytest.raises(Unreachable):
        require_safe("https://home.example/", errand(seconds=-1))
    assert asked == []


def test_nobody_is_followed_to_another_address() -> None:
    def talk(handler: Any) -> None:
        handler.send_response(302)
        handler.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with server(talk) as (port, asked), pytest.raises(Unreachable, match="led elsewhere"):
        fetch_json(f"http://127.0.0.1:{port}/", errand(networks=LOOPBACK))
    assert len(asked) == 1


@pytest.mark.parametrize("size", [ANSWER_MAX + 1, 8 * ANSWER_MAX])
def test_an_answer_that_is_too_large_is_not_read_to_its_end(size: int) -> None:
    with server(answering(b" " * size)) as (port, _asked), pytest.raises(RequestFailed):
        fetch_json(f"http://127.0.0.1:{port}/", errand(networks=LOOPBACK))


def test_an_answer_without_end_is_left() -> None:
    def talk(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b" " * 4_096)

    with server(talk) as (port, _asked), pytest.raises(RequestFailed):
        fetch_json(f"http://127.0.0.1:{port}/", errand(networks=LOOPBACK))


def test_a_packed_answer_is_refused() -> None:
    packed = server(answering(b"\x1f\x8b", Content_Encoding="gzip"))
    with packed as (port, _asked), pytest.raises(Unreachable, match="packed"):
        fetch_json(f"http://127.0.0.1:{port}/", errand(networks=LOOPBACK))


def test_headers_without_end_are_left() -> None:
    def talk(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(b"X-Long: " + b"x" * 4_000 + b"\r\n")

    with server(talk) as (port, _asked), pytest.raises(RequestFailed):
        fetch_json(f"http://127.0.0.1:{port}/", errand(networks=LOOPBACK))


@pytest.mark.parametrize("is_body", [True, False])
def test_an_answer_that_drips_is_left_when_the_time_is_over(is_body: bool) -> None:
    def talk(handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if is_body:
            handler.wfile.write(b"Content-Length: 60000\r\n\r\n")
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    begun = time.monotonic()
    with server(talk) as (port, _asked), pytest.raises(RequestFailed):
        fetch_json(f"http://127.0.0.1:{port}/", errand(networks=LOOPBACK, seconds=1))
    assert time.monotonic() - begun < 4


def test_a_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "PAUSE_SECONDS", 0.5)
    begun = time.monotonic()
    with server(lambda _handler: time.sleep(3)) as (port, _asked), pytest.raises(RequestFailed):
        fetch_json(f"http://127.0.0.1:{port}/", errand(networks=LOOPBACK))
    assert time.monotonic() - begun < 6


def test_all_requests_of_one_errand_share_its_time() -> None:
    with server(answering(b"{}")) as (port, asked):
        over = errand(networks=LOOPBACK, seconds=-1)
        for _ in range(2):
            with pytest.raises((RequestFailed, TimeoutError)):
                fetch_json(f"http://127.0.0.1:{port}/", over)
    assert asked == []


def test_proxies_and_passwords_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with server(answering(b"{}")) as (port, asked), server(answering(b"{}")) as (proxy, asked_of_proxy):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        fetch_json(f"http://127.0.0.1:{port}/", errand(networks=LOOPBACK))
        fetch_json_by_oauth(f"http://127.0.0.1:{port}/")
    assert len(asked) == 2
    assert asked_of_proxy == []
    assert all("authorization" not in one for one in asked)


def fetch_json_by_oauth(url: str) -> None:
    with oauth_session("client", "secret", errand=errand(networks=LOOPBACK)) as asking:
        asking.request("GET", url, withhold_token=True)


def certificate(folder: Path, name: str) -> Path:
    """Write a certificate for a name, signed by itself, with its key; return the file."""
    key = generate_private_key(SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = clock.now()
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(signed.public_bytes(Encoding.PEM) + private)
    return path


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return certificate(tmp_path, "home.example")


@pytest.fixture
def encrypted(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_the_vetted_address_is_asked_under_the_name_and_its_certificate(
    monkeypatch: pytest.MonkeyPatch, pem: Path, encrypted: ssl.SSLContext
) -> None:
    named: list[str | None] = []
    encrypted.sni_callback = lambda _socket, name, _context: named.append(name)
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1" if host == "home.example" else host, *a, **k)
    )
    with server(answering(b"{}"), context=encrypted) as (port, asked):
        fetch_json(f"https://home.example:{port}/", errand(networks=LOOPBACK, authorities=pem))
    assert asked[0]["host"] == f"home.example:{port}"
    assert named == ["home.example"]


def test_a_certificate_of_another_name_or_of_nobody_known_is_refused(
    monkeypatch: pytest.MonkeyPatch, pem: Path, encrypted: ssl.SSLContext
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1" if host.endswith(".example") else host, *a, **k)
    )
    with server(answering(b"{}"), context=encrypted) as (port, asked):
        for name, authorities in (("other.example", pem), ("home.example", None)):
            with pytest.raises(RequestFailed):
                fetch_json(f"https://{name}:{port}/", errand(networks=LOOPBACK, authorities=authorities))
    assert asked == []


def test_the_table_names_eighty_forms() -> None:
    assert len(set(HIDING)) >= 80
    assert all(ipaddress.ip_address(one).is_global for one in [*OPEN, *OPEN_V6])
