"""Speaking with mail servers: encrypted, with a certificate that is trusted, with a password that is right."""

import dataclasses
import ssl
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask import Flask

from ideas.core import clock, mail
from ideas.core.answers import Meaning, meaning_of
from ideas.core.messages import compose
from ideas.core.smtp import Unreachable
from tests.servers.post_office import PostOffice, running, send_through

pytestmark = pytest.mark.once

USERS = {"ann": "s@cret:1"}
Send = Callable[..., None]


@dataclasses.dataclass(frozen=True)
class Authority:
    """A certificate authority of our own, and servers' certificates that it signed."""

    ca_file: Path
    good: ssl.SSLContext
    of_another_host: ssl.SSLContext


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    folder = tmp_path_factory.mktemp("authority")
    key = generate_private_key(SECP256R1())
    own = _signed("Our authority", key, issuer="Our authority", issuer_key=key, is_authority=True)
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(own.public_bytes(Encoding.PEM))
    return Authority(ca_file, _context(folder, "127.0.0.1", key), _context(folder, "127.0.0.9", key))


def _context(folder: Path, host: str, issuer_key: EllipticCurvePrivateKey) -> ssl.SSLContext:
    key = generate_private_key(SECP256R1())
    signed = _signed(host, key, issuer="Our authority", issuer_key=issuer_key, is_authority=False)
    path = folder / f"{host}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(signed.public_bytes(Encoding.PEM) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _signed(
    name: str,
    key: EllipticCurvePrivateKey,
    *,
    issuer: str,
    issuer_key: EllipticCurvePrivateKey,
    is_authority: bool,
) -> x509.Certificate:
    now = clock.now()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not is_authority:
        host = x509.IPAddress(ip_address(name))
        builder = builder.add_extension(x509.SubjectAlternativeName([host]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


@pytest.fixture
def send(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Send:
    """Sends a mail through the server of a MAIL_URL, trusting the authorities of a file or the system's."""

    def through(url: str, *, ca_file: Path | None = None) -> None:
        send_through(PostOffice(), app, monkeypatch, mail_url=url, ca_file=ca_file)
        compose(mail.payload_of(to="ann@example.org", subject="Hello", text="Words.")).send()

    return through


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_goes_encrypted_to_a_server_of_our_own_authority(authority: Authority, send: Send, scheme: str) -> None:
    office = PostOffice(certificate=authority.good, is_wrapped=scheme == "smtps", users=USERS)
    with running(office):
        send(f"{scheme}://ann:s%40cret%3A1@127.0.0.1:{office.port}", ca_file=authority.ca_file)
    (found,) = office.received
    assert found.was_encrypted
    assert office.logins == ["ann"]
    assert found.message["Subject"] == "Hello"


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("fault", ["unknown authority", "another host"])
def test_a_certificate_that_is_not_trusted_gets_no_mail_and_no_password(
    authority: Authority, send: Send, scheme: str, fault: str
) -> None:
    certificate = authority.good if fault == "unknown authority" else authority.of_another_host
    office = PostOffice(certificate=certificate, is_wrapped=scheme == "smtps", users=USERS)
    with running(office), pytest.raises(Unreachable) as refused:
        send(
            f"{scheme}://ann:s%40cret%3A1@127.0.0.1:{office.port}",
            ca_file=None if fault == "unknown authority" else authority.ca_file,
        )
    assert office.received == []
    assert office.logins == []
    answer = meaning_of(refused.value)
    assert answer.meaning is Meaning.SERVER_AWAY
    assert answer.reason.startswith("the certificate of the mail server is not trusted: ")


def test_a_server_without_encryption_gets_no_password(send: Send) -> None:
    office = PostOffice(users=USERS)
    with running(office), pytest.raises(Unreachable) as refused:
        send(f"smtp://ann:s%40cret%3A1@127.0.0.1:{office.port}")
    assert (office.received, office.logins) == ([], [])
    assert meaning_of(refused.value).reason == "the server offers no encryption (STARTTLS)"


def test_a_wrong_password_is_told_and_keeps_the_mails(authority: Authority, send: Send) -> None:
    office = PostOffice(certificate=authority.good, users=USERS)
    with running(office), pytest.raises(Unreachable) as refused:
        send(f"smtp://ann:wrong@127.0.0.1:{office.port}", ca_file=authority.ca_file)
    answer = meaning_of(refused.value)
    assert answer.meaning is Meaning.SERVER_AWAY
    assert answer.reason.startswith("the mail server does not take this user and password: 535 ")
    assert "wrong" not in answer.reason
    assert office.received == []
