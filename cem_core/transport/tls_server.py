"""TLS for a server that takes any client certificate, and tells whose it is.

Python's own `ssl` can ask for a client certificate only together with a chain of
trust, and EEBUS pins self-signed ones. pyOpenSSL can: the bytes go through it between
the socket and the protocol of a server such as aiohttp's.
"""

import asyncio
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from OpenSSL import SSL

_PIECE: Final = 16 * 1024
_HANDSHAKE_S: Final = 10.0
_MOST_PENDING: Final = 64 * 1024


class TlsServerProtocol(asyncio.Protocol):
    """Decrypts for ``inner``, whose transport encrypts.

    The transport's extra info ``peer_certificate`` is the client's, in DER.
    """

    def __init__(self, context: SSL.Context, inner: asyncio.Protocol) -> None:
        """Stand between the socket and ``inner``."""
        self._tls = SSL.Connection(context, None)
        self._tls.set_accept_state()
        self._inner = inner
        self._outer: asyncio.Transport | None = None
        self._shaken = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the client to begin."""
        if not isinstance(transport, asyncio.Transport):
            message = f"{transport!r} is no stream"
            raise TypeError(message)
        self._outer = transport
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_HANDSHAKE_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Decrypt what came."""
        try:
            self._tls.bio_write(data)
            if not self._shaken:
                self._shake()
            while self._shaken:
                self._inner.data_received(self._tls.recv(_PIECE))
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self._close()
        except SSL.Error:
            self._flush()  # the alert
            self._close()
            return
        self._flush()

    def eof_received(self) -> bool | None:
        """Let the transport close."""
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the protocol inside."""
        if self._timer is not None:
            self._timer.cancel()
        if self._shaken:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Tell the protocol inside that the socket is full."""
        if self._shaken:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Tell the protocol inside that the socket has room again."""
        if self._shaken:
            self._inner.resume_writing()

    def send(self, data: bytes) -> None:
        """Encrypt and send."""
        try:
            self._tls.sendall(data)
        except SSL.Error:
            self._close()
            return
        self._flush()

    def _shake(self) -> None:
        self._tls.do_handshake()
        self._shaken = True
        if self._timer is not None:
            self._timer.cancel()
        certificate = self._tls.get_peer_certificate()
        if certificate is None or self._outer is None:
            self._close()
            return
        der = certificate.to_cryptography().public_bytes(Encoding.DER)
        self._inner.connection_made(_Encrypting(self, self._outer, der))

    def _flush(self) -> None:
        outer = self._outer
        while outer is not None and not outer.is_closing():
            try:
                outer.write(self._tls.bio_read(_MOST_PENDING))
            except SSL.WantReadError:
                return

    def _close(self) -> None:
        if self._outer is not None:
            self._outer.close()


class _Encrypting(asyncio.Transport):
    """The transport that the protocol inside sees."""

    def __init__(
        self, tls: TlsServerProtocol, outer: asyncio.Transport, certificate: bytes
    ) -> None:
        super().__init__({"peer_certificate": certificate, "sslcontext": tls})
        self._tls = tls
        self._outer = outer

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - asyncio
        """Return what is known of the connection."""
        return super().get_extra_info(name) or self._outer.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt and send."""
        self._tls.send(bytes(data))

    def is_closing(self) -> bool:
        """Tell whether nothing can be written any more."""
        return self._outer.is_closing()

    def close(self) -> None:
        """Close when what was written has gone."""
        self._outer.close()

    def abort(self) -> None:
        """Close at once."""
        self._outer.abort()

    def is_reading(self) -> bool:
        """Tell whether data may come."""
        return self._outer.is_reading()

    def pause_reading(self) -> None:
        """Let no more data come."""
        self._outer.pause_reading()

    def resume_reading(self) -> None:
        """Let data come again."""
        self._outer.resume_reading()

    def get_write_buffer_size(self) -> int:
        """Return how many encrypted bytes wait."""
        return self._outer.get_write_buffer_size()

    def set_write_buffer_limits(
        self, high: int | None = None, low: int | None = None
    ) -> None:
        """Set when writing is paused."""
        self._outer.set_write_buffer_limits(high, low)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Refuse: what stands inside stays."""
        raise NotImplementedError

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol that stands outside."""
        return self._tls


def server_context(key_pem: bytes, certificate_pem: bytes, ciphers: str) -> SSL.Context:
    """Return a context that asks every client for a certificate and takes any."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(ciphers.encode())
    context.use_certificate(load_pem_x509_certificate(certificate_pem))
    key = load_pem_private_key(key_pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        message = "the server's key is not on an elliptic curve"
        raise TypeError(message)
    context.use_privatekey(key)
    asked = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
    context.set_verify(asked, _take_any)
    return context


def _take_any(*_: object) -> bool:
    """Take the certificate: the SKI is compared after the handshake."""
    return True
