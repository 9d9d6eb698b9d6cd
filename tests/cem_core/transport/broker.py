"""A mosquitto that speaks TLS only, with a certificate made for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
import ipaddress
import json
from pathlib import Path
import shutil
import socket
import subprocess
import time
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
import pytest

HOST: Final = "127.0.0.1"


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for the loopback interface; return it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=True,
                crl_sign=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return public, private


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


class TlsBroker:
    """Starts and stops; what subscribers got is in ``heard``, across restarts."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.ca_file, self._key = certificate(folder)
        self.heard: list[dict[str, Any]] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._listener: mqtt.Client | None = None

    def start(self) -> None:
        program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
        if program is None:
            pytest.fail("mosquitto is missing: script/packages mosquitto")
        settings = self.folder / "mosquitto.conf"
        settings.write_text(
            f"listener {self.port} {HOST}\nallow_anonymous true\nuser root\n"
            f"certfile {self.ca_file}\nkeyfile {self._key}\npersistence false\n"
        )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-c", settings], stdout=log, stderr=log
            )
        self._listen()

    def stop(self) -> None:
        if self._listener is not None:
            self._listener.loop_stop()
            self._listener.disconnect()
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
        self._listener = self._process = None

    def _listen(self) -> None:
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.tls_set(ca_certs=str(self.ca_file))
        subscribed: list[int] = []
        client.on_connect = lambda c, *_: c.subscribe("#", qos=1)
        client.on_subscribe = lambda *_: subscribed.append(1)
        client.on_message = lambda *said: self.heard.append(
            json.loads(said[-1].payload)
        )
        for _ in range(200):
            try:
                client.connect(HOST, self.port)
            except OSError:
                time.sleep(0.05)
            else:
                break
        client.loop_start()
        for _ in range(200):
            if subscribed:
                break
            time.sleep(0.02)
        else:
            pytest.fail("the broker takes no subscription")
        self._listener = client


@contextmanager
def tls_broker(folder: Path) -> Iterator[TlsBroker]:
    broker = TlsBroker(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
