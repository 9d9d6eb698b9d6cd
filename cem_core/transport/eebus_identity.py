"""Who we are on an EEBUS link: a key, a self-signed certificate, and its SKI.

The SKI, the SHA-1 of the public point, is the identity that a person confirms and
that is pinned; nothing else of a certificate is looked at. Source: SHIP 1.0.1, 12.1.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from cem_core.eebus.error import EebusError

_YEARS: Final = 30  # a new certificate would have to be paired again
_SKI_DIGITS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """PEM texts of the key and the certificate, and the certificate's SKI."""

    key_pem: bytes
    certificate_pem: bytes
    ski: str

    @classmethod
    def load(cls, key_pem: bytes, certificate_pem: bytes) -> Identity:
        """Return the identity that was stored. Raises `EebusError`."""
        try:
            key = serialization.load_pem_private_key(key_pem, None)
            certificate = x509.load_pem_x509_certificate(certificate_pem)
        except ValueError as error:
            raise EebusError(
                f"the stored certificate cannot be read: {error}"
            ) from error
        if key.public_key() != certificate.public_key():
            raise EebusError("the stored certificate is not of the stored key")
        return cls(
            key_pem=key_pem, certificate_pem=certificate_pem, ski=_ski(certificate)
        )

    @classmethod
    def read(cls, folder: Path, name: str) -> Identity:
        """Return the identity in ``folder``, made at the first call."""
        key, certificate = folder / "eebus.key", folder / "eebus.crt"
        if key.exists() and certificate.exists():
            return cls.load(key.read_bytes(), certificate.read_bytes())
        made = create(name, datetime.now(UTC))
        folder.mkdir(parents=True, exist_ok=True)
        key.touch(mode=0o600)
        key.write_bytes(made.key_pem)
        certificate.write_bytes(made.certificate_pem)
        return made


def create(name: str, now: datetime) -> Identity:
    """Return a new identity: P-256, ECDSA with SHA-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A device whose clock is behind would refuse one that begins now.
        .not_valid_before(now - timedelta(days=365))
        .not_valid_after(now + timedelta(days=365 * _YEARS))
        .add_extension(public, critical=False)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Identity(
        key_pem=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM),
        ski=_ski(certificate),
    )


def ski_of(certificate_der: bytes) -> str:
    """Return the SKI of a peer's certificate. Raises `EebusError`.

    It is computed from the key: what a certificate says of itself proves nothing.
    """
    try:
        return _ski(x509.load_der_x509_certificate(certificate_der))
    except (TypeError, ValueError) as error:
        raise EebusError(f"the peer's certificate cannot be read: {error}") from error


def normal_ski(text: str) -> str:
    """Return an SKI as it is compared: 40 hex digits. Raises `EebusError`."""
    found = "".join(text.lower().split()).replace("-", "").replace(":", "")
    if len(found) != _SKI_DIGITS or not all(c in "0123456789abcdef" for c in found):
        raise EebusError(f"{text!r} is no SKI: it has 40 hexadecimal digits")
    return found


def _ski(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise EebusError("the certificate has no key on an elliptic curve")
    return x509.SubjectKeyIdentifier.from_public_key(key).digest.hex()
