"""Who asks, proven with a password that is not sent: HTTP Digest (RFC 7616).

Our own few lines, since one gateway names an algorithm that it does not use: a client
that follows the standard cannot log in there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
import hashlib
import re
import secrets
from typing import Final, Self

_FIELD: Final = re.compile(
    r'([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))', re.IGNORECASE
)
_SCHEME: Final = re.compile(r"\s*digest\s+", re.IGNORECASE)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_ALGORITHMS: Final[dict[str, Callable[[str], str]]] = {
    "MD5": _md5,
    "SHA-256": _sha256,
}


@dataclass(slots=True)
class Digest:
    """Answers to one challenge, of which each counts."""

    realm: str
    nonce: str
    opaque: str | None
    algorithm: str
    has_qop: bool
    counts: int = field(default=0, init=False)

    @classmethod
    def of(cls, challenge: str, *, algorithm: str | None = None) -> Self:
        """Return what answers ``challenge``, the value of WWW-Authenticate.

        ``algorithm``: use this one whatever is named. Raises ValueError for another
        scheme, an algorithm or a protection that is not known.
        """
        if (scheme := _SCHEME.match(challenge)) is None:
            raise ValueError("the gateway does not ask for a digest of the password")
        said = {
            name.lower(): re.sub(r"\\(.)", r"\1", quoted) or plain
            for name, quoted, plain in _FIELD.findall(challenge[scheme.end() :])
        }
        used = (algorithm or said.get("algorithm", "MD5")).upper()
        qop = [each.strip() for each in said.get("qop", "").split(",") if each]
        if used not in _ALGORITHMS or (qop and "auth" not in qop):
            raise ValueError(
                f"the gateway asks for {used} {qop}, which is not supported"
            )
        if "nonce" not in said:
            raise ValueError("the gateway's challenge has no nonce")
        return cls(
            said.get("realm", ""), said["nonce"], said.get("opaque"), used, bool(qop)
        )

    def authorization(
        self, method: str, target: str, user: str, password: str, cnonce: str = ""
    ) -> str:
        """Return the value of Authorization for one request.

        ``cnonce`` is chosen where it is empty.
        """
        digest = _ALGORITHMS[self.algorithm]
        self.counts += 1
        secret = digest(f"{user}:{self.realm}:{password}")
        request = digest(f"{method}:{target}")
        fields = {
            "username": _quoted(user),
            "realm": _quoted(self.realm),
            "nonce": _quoted(self.nonce),
            "uri": _quoted(target),
            "algorithm": self.algorithm,
        }
        if self.has_qop:
            count, own = f"{self.counts:08x}", cnonce or secrets.token_hex(16)
            middle = f"{count}:{own}:auth:"
            fields |= {"qop": "auth", "nc": count, "cnonce": _quoted(own)}
        else:
            middle = ""
        fields["response"] = _quoted(digest(f"{secret}:{self.nonce}:{middle}{request}"))
        if self.opaque is not None:
            fields["opaque"] = _quoted(self.opaque)
        return "Digest " + ", ".join(
            f"{name}={value}" for name, value in fields.items()
        )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
