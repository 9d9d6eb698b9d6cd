"""The end of the chain, signed with the installation's key, to be published.

A head that lies with somebody else proves that the log up to it existed then and has
not been changed since. It does not prove that what was written was true.
"""

from dataclasses import dataclass
from datetime import datetime
import json
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A signed place in the chain; keys and signatures in hexadecimal digits."""

    sequence: int
    hash: str
    time: datetime
    public_key: str
    signature: str

    def signed(self) -> bytes:
        """Return what the signature covers."""
        return _signed(self.sequence, self.hash, self.time)

    def to_json(self) -> dict[str, Any]:
        """Return the head as it is published."""
        return {
            "sequence": self.sequence,
            "hash": self.hash,
            "time": self.time.isoformat(),
            "public_key": self.public_key,
            "signature": self.signature,
        }

    @classmethod
    def from_json(cls, text: str) -> Head:
        """Return the head that was published. Raises `ValueError`."""
        try:
            tree = json.loads(text)
            return cls(
                sequence=int(tree["sequence"]),
                hash=str(tree["hash"]),
                time=datetime.fromisoformat(tree["time"]),
                public_key=str(tree["public_key"]),
                signature=str(tree["signature"]),
            )
        except (KeyError, TypeError) as error:
            message = f"not a signed head: {type(error).__name__}: {error}"
            raise ValueError(message) from error


class Signer:
    """The installation's key (Ed25519, RFC 8032)."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Sign with ``key``."""
        self._key = key

    @classmethod
    def read(cls, path: Path) -> Signer:
        """Return the signer of the key in ``path``, made at the first call."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(
                Ed25519PrivateKey.generate().private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            message = f"{path} holds no Ed25519 key"
            raise TypeError(message)
        return cls(key)

    @property
    def public_key(self) -> str:
        """The public half, in hexadecimal digits."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, sequence: int, hash_: str, time: datetime) -> Head:
        """Return the signed head."""
        return Head(
            sequence=sequence,
            hash=hash_,
            time=time,
            public_key=self.public_key,
            signature=self._key.sign(_signed(sequence, hash_, time)).hex(),
        )


def verify_head(head: Head) -> bool:
    """Tell whether the signature is of the head's key over the head."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.public_key))
        key.verify(bytes.fromhex(head.signature), head.signed())
    except InvalidSignature, ValueError:
        return False
    return True


def _signed(sequence: int, hash_: str, time: datetime) -> bytes:
    return f"cem evidence head 1\n{sequence}\n{hash_}\n{time.isoformat()}".encode()
