"""A stock Home Assistant with a config folder of its own."""

import asyncio
from collections.abc import Mapping
import json
from pathlib import Path
import shutil
import time
from typing import Final
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener
import zipfile

from script.rig.processes import Child
from script.rig.waiting import RigError, until

RESTART_WANTED: Final = 100  # Home Assistant's exit status for "start me again"
HTTP_STORAGE_VERSION: Final = 3
ONBOARDING_STORAGE_VERSION: Final = 4
# What default_config brings, without what wants the internet, a radio or a
# compiler; a list, because one missing piece would take all of it away.
CONFIGURATION: Final = """\
homeassistant:
  name: Demo home
  latitude: 50.85
  longitude: 4.35
  elevation: 20
  unit_system: metric
  time_zone: Europe/Brussels
  currency: EUR
  country: BE
  language: en
automation: !include automations.yaml
config:
energy:
frontend:
history:
logbook:
logger:
  default: warning
  logs:
    custom_components.cem: info
recorder:
script: !include scripts.yaml
scene: !include scenes.yaml
sun:
system_health:
"""
INCLUDED: Final = {
    "automations.yaml": "[]\n",
    "scripts.yaml": "{}\n",
    "scenes.yaml": "[]\n",
}


class HomeAssistant:
    """One instance: its folder, its process, its address."""

    def __init__(self, *, python: Path, config: Path, host: str, port: int) -> None:
        self.python = python
        self.config = config
        self.host = host
        self.port = port
        self.child = Child("Home Assistant", config / "home-assistant.out")
        self.started_at = 0.0

    @property
    def url(self) -> str:
        """The address for a browser on this machine."""
        reachable = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://{reachable}:{self.port}"

    @property
    def log(self) -> Path:
        """What it has printed since the folder was made."""
        return self.child.log

    def prepare(self) -> None:
        """Make the folder; what a user has changed in it stays."""
        storage = self.config / ".storage"
        storage.mkdir(parents=True, exist_ok=True)
        configuration = self.config / "configuration.yaml"
        for path, text in (
            (configuration, CONFIGURATION),
            *((self.config / name, text) for name, text in INCLUDED.items()),
        ):
            if not path.exists():
                path.write_text(text)
        # A port in YAML is only a trial that somebody has to confirm in the
        # browser; a stored one holds.
        _store(
            storage / "http",
            HTTP_STORAGE_VERSION,
            {
                "stable": {
                    "server_host": [self.host],
                    "server_port": self.port,
                    "cors_allowed_origins": [],
                    "login_attempts_threshold": -1,
                    "ip_ban_enabled": True,
                    "ssl_profile": "intermediate_v6",
                    "use_x_frame_options": True,
                    "created_at": "2026-01-01T00:00:00+00:00",
                    "error": None,
                    "error_message": None,
                },
                "pending": None,
                "yaml_migration_done": True,
            },
        )
        # The core_config step would set up integrations that want the internet.
        onboarding = storage / "onboarding"
        if not onboarding.exists():
            _store(onboarding, ONBOARDING_STORAGE_VERSION, {"done": ["core_config"]})

    def install(self, release: Path, domain: str = "cem") -> None:
        """Unpack a release, as the marketplace does, in place of the old one."""
        target = self.config / "custom_components" / domain
        if target.exists():
            shutil.rmtree(target)
        target.mkdir(parents=True)
        with zipfile.ZipFile(release) as archive:
            archive.extractall(target)

    async def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start the process; `serving` tells when it can be asked."""
        self.started_at = time.monotonic()
        await self.child.start(
            [
                *(str(self.python), "-m", "homeassistant"),
                *("--config", str(self.config), "--log-no-color"),
            ],
            cwd=self.config,
            environment={
                "PATH": f"{self.python.parent}:/usr/local/bin:/usr/bin:/bin",
                "VIRTUAL_ENV": str(self.python.parent.parent),
                **(environment or {}),
            },
        )

    async def serving(self, within_s: float = 120.0) -> None:
        """Wait until its web server answers."""
        await until(
            f"Home Assistant on {self.url}",
            lambda: asyncio.to_thread(self._answers),
            within_s=within_s,
        )

    async def stop(self) -> None:
        """Let it end in order: it writes its state."""
        await self.child.stop(within_s=40)

    def _answers(self) -> bool:
        self.child.check()
        opener = build_opener(ProxyHandler({}))
        try:
            with opener.open(f"{self.url}/manifest.json", timeout=2) as reply:
                return bool(reply.status == 200)  # noqa: PLR2004
        except URLError, TimeoutError, ConnectionError:
            return False


def _store(path: Path, version: int, data: dict[str, object]) -> None:
    """Write what Home Assistant would have stored itself."""
    if path.exists():
        found = json.loads(path.read_text())
        if found["version"] > version:
            message = (
                f"{path} has version {found['version']}, this rig knows {version}. "
                "Start with --reset."
            )
            raise RigError(message)
    path.write_text(
        json.dumps(
            {"version": version, "minor_version": 1, "key": path.name, "data": data},
            indent=2,
        )
    )
