"""The local certificate is one that a careful client accepts, and only the owner can read its key."""

import socket
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from brigada.embedded.tls import (
    CA_LIFE,
    RENEW_BEFORE,
    SERVER_LIFE,
    Certificates,
    ca_file,
    ensure_certificates,
    local_names,
)

NOW = datetime.now(UTC).replace(microsecond=0)
NAMES = local_names(lan=False)


def handshake(files: Certificates, name: str) -> dict[str, object] | None:
    """What a client that trusts our authority alone, and checks strictly, learns of the server."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.chain, files.key)
    client = ssl.create_default_context(cafile=str(files.ca))
    client.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    near, far = socket.socketpair()
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            with far, server.wrap_socket(far, server_side=True) as wrapped:
                wrapped.recv(1)
        except OSError as error:
            failures.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with near, client.wrap_socket(near, server_hostname=name) as wrapped:
            certificate = wrapped.getpeercert()
            wrapped.sendall(b"x")
    finally:
        near.close()
        thread.join()
    return dict(certificate) if certificate else None


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_a_client_that_trusts_the_authority_accepts_the_server(tmp_path: Path, name: str) -> None:
    assert handshake(ensure_certificates(tmp_path, NAMES, NOW), name)


def test_a_name_that_was_not_asked_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(ensure_certificates(tmp_path, NAMES, NOW), "example.ru")


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, NAMES, NOW)
    for name in ("ca.key", "server.key"):
        assert stat.S_IMODE((tmp_path / "tls" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


def test_a_second_start_makes_nothing_anew(tmp_path: Path) -> None:
    first = ensure_certificates(tmp_path, NAMES, NOW)
    before = first.ca.read_bytes(), first.chain.read_bytes(), first.key.read_bytes()
    second = ensure_certificates(tmp_path, NAMES, NOW + timedelta(days=1))
    assert (second.ca.read_bytes(), second.chain.read_bytes(), second.key.read_bytes()) == before


def test_the_certificate_is_renewed_before_its_end_by_the_same_authority(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path, NAMES, NOW)
    ca, chain = files.ca.read_bytes(), files.chain.read_bytes()
    later = NOW + SERVER_LIFE - RENEW_BEFORE + timedelta(days=1)
    ensure_certificates(tmp_path, NAMES, later)
    assert files.chain.read_bytes() != chain
    assert files.ca.read_bytes() == ca
    renewed = x509.load_pem_x509_certificate(files.chain.read_bytes())
    assert renewed.not_valid_after_utc == later + SERVER_LIFE


def test_a_new_name_renews_the_certificate(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, NAMES, NOW)
    files = ensure_certificates(tmp_path, [*NAMES, "скорая.рф", "192.0.2.7"], NOW)
    assert handshake(files, "192.0.2.7")
    assert handshake(files, "скорая.рф")


def test_an_authority_near_its_end_is_made_anew_with_its_server(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, NAMES, NOW - CA_LIFE + timedelta(days=30))
    assert handshake(ensure_certificates(tmp_path, NAMES, NOW), "localhost")


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    files = ensure_certificates(tmp_path, NAMES, NOW)
    files.key.write_text("damaged")
    assert handshake(ensure_certificates(tmp_path, NAMES, NOW), "localhost")


def test_the_certificate_to_trust_holds_no_key(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, NAMES, NOW)
    assert b"PRIVATE" not in ca_file(tmp_path).read_bytes()


def test_a_service_for_the_network_names_its_host() -> None:
    assert socket.gethostname() in local_names(lan=True)
    assert local_names(["dispatch.local"], lan=False)[-1] == "dispatch.local"
