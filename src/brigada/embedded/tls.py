"""A local certificate authority and the server's certificate, for a service that was given none."""

import contextlib
import fcntl
import ipaddress
import os
import socket
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_LIFE = timedelta(days=3650)
"""Trusting it again on every workplace is the dear part, so it lives as long as the service."""

SERVER_LIFE = timedelta(days=397)
"""Browsers refuse server certificates that live longer than 398 days."""

RENEW_BEFORE = timedelta(days=90)
"""A service restarts at least every three months, with its updates; each start renews in time."""

CLOCK_SKEW = timedelta(hours=1)
"""Workplaces whose clock is slow must not find the certificate "not yet valid"."""

_SIOCGIFADDR = 0x8915  # linux/sockios.h: the IPv4 address of a network interface


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files: `ca` is to be trusted by browsers, `chain` and `key` are the server's."""

    ca: Path
    chain: Path
    key: Path


def ca_file(data_dir: Path) -> Path:
    """Where the local authority's certificate lies; served at `/ca.crt`. It holds no secret."""
    return data_dir / "tls" / "ca.crt"


def local_names(extra: Sequence[str] = (), *, lan: bool) -> list[str]:
    """Names and addresses by which browsers may reach this host; with `lan` those of its network too."""
    names = ["localhost", "127.0.0.1", "::1"]
    if lan:
        hostname = socket.gethostname()
        names += [hostname, *([f"{hostname}.local"] if "." not in hostname else []), *_interface_addresses()]
    return list(dict.fromkeys([*names, *extra]))


def _interface_addresses() -> list[str]:
    if sys.platform != "linux":
        with contextlib.suppress(OSError):
            return sorted(
                {str(item[4][0]) for item in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
            )
        return []
    addresses = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):  # an interface without an IPv4 address
                answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
                addresses.append(socket.inet_ntoa(answer[20:24]))
    return sorted(set(addresses))


def ensure_certificates(data_dir: Path, names: Sequence[str], now: datetime) -> Certificates:
    """Return certificates good for all `names` for at least `RENEW_BEFORE` from `now`; make what is missing.

    The authority is made once; the server's certificate anew when a name was added or its end is near.
    """
    folder = data_dir / "tls"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Certificates(ca_file(data_dir), folder / "server.crt", folder / "server.key")
    ca_key_file = folder / "ca.key"
    if not _authority_good(files.ca, ca_key_file, now):
        _make_authority(files.ca, ca_key_file, now)
        files.chain.unlink(missing_ok=True)
    if not _server_good(files, names, now):
        _make_server(files, ca_key_file, names, now)
    return files


def _authority_good(certificate_file: Path, key_file: Path, now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    except (OSError, ValueError):
        return False
    return (
        certificate.public_key() == key.public_key() and certificate.not_valid_after_utc - now > SERVER_LIFE
    )


def _server_good(files: Certificates, names: Sequence[str], now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificates(files.chain.read_bytes())[0]
        authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
        key = serialization.load_pem_private_key(files.key.read_bytes(), None)
        present = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        certificate.verify_directly_issued_by(authority)
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return (
        certificate.public_key() == key.public_key()
        and set(_general_names(names)) <= set(present)
        and certificate.not_valid_before_utc <= now
        and certificate.not_valid_after_utc - now > RENEW_BEFORE
    )


def _general_names(names: Sequence[str]) -> list[x509.GeneralName]:
    result: list[x509.GeneralName] = []
    for name in names:
        try:
            result.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            result.append(x509.DNSName(name.encode("idna").decode("ascii")))
    return result


def _make_authority(certificate_file: Path, key_file: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Brigada"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Brigada local CA ({socket.gethostname()})"[:64]),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(key_file, _pem(key), 0o600)
    _write(certificate_file, certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _make_server(files: Certificates, ca_key_file: Path, names: Sequence[str], now: datetime) -> None:
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    authority_key = serialization.load_pem_private_key(ca_key_file.read_bytes(), None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)  # noqa: S101  # only _make_authority writes it
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_general_names(names)), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    chain = certificate.public_bytes(serialization.Encoding.PEM) + files.ca.read_bytes()
    _write(files.key, _pem(key), 0o600)
    _write(files.chain, chain, 0o644)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Put the file in place whole, never readable by more than `mode` says, not even for a moment."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
