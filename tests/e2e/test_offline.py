"""Without the solver and without the internet the CEM still keeps limits."""

from collections.abc import AsyncIterator
from pathlib import Path
import shutil
import subprocess
from typing import Final

import pytest

from script.rig.home import HOME_ASSISTANT_PYTHON, ROOT, Home
from script.rig.waiting import until
from tests.e2e.live_home import LiveHome, running_home, write_home
from tests.e2e.log import complaints

pytestmark = pytest.mark.e2e

LIMIT_W: Final = 4200
NOWHERE: Final = "http://127.0.0.1:9"
# What a machine sees whose router has lost its line: every connection is
# refused, and nothing is left over from earlier installations.
NO_INTERNET: Final = {
    "ALL_PROXY": NOWHERE,
    "HTTP_PROXY": NOWHERE,
    "HTTPS_PROXY": NOWHERE,
    "NO_PROXY": "127.0.0.1,localhost",
    "UV_DEFAULT_INDEX": f"{NOWHERE}/simple",
    "UV_HTTP_RETRIES": "0",
}


def without_solver(target: Path) -> Path:
    """Copy the environment by links, take the solver out; return its Python."""
    venv = HOME_ASSISTANT_PYTHON.parent.parent
    subprocess.run(["cp", "--archive", "--link", venv, target], check=True)
    for packages in target.glob("lib/python3*/site-packages"):
        for name in ("pyomo", "highspy"):
            for found in packages.glob(f"{name}*"):
                if found.is_dir():
                    shutil.rmtree(found)
                else:
                    found.unlink()
    python = target / "bin/python"
    for name in ("pyomo", "highspy"):
        tried = subprocess.run(
            [python, "-c", f"import {name}"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert f"No module named '{name}'" in tried.stderr
    return python


@pytest.fixture
async def offline(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveHome]:
    # Links need one file system: beside the environment, not in /tmp.
    venv = ROOT / ".venv-e2e-offline"
    shutil.rmtree(venv, ignore_errors=True)
    folder = tmp_path_factory.mktemp("offline")
    home = Home(
        folder,
        python=without_solver(venv),
        plays=write_home(folder / "home.yaml"),
        environment=NO_INTERNET | {"UV_CACHE_DIR": str(folder / "uv")},
    )
    try:
        async with running_home(folder, home=home) as live:
            yield live
    finally:
        shutil.rmtree(venv)


async def test_set_up_succeeds_and_limits_hold(offline: LiveHome) -> None:
    await offline.set_up()

    async def connected() -> bool:
        return await offline.value("binary_sensor", "meter_connected") == "on"

    await until("the meter", connected, within_s=20)
    await offline.car_charges_at_11_kw()
    await offline.order_limit(LIMIT_W)
    await offline.within(LIMIT_W, seconds=10)
    await offline.stays_within(LIMIT_W, seconds=20)

    plan = await offline.plan()
    assert plan is not None
    assert plan["status"] == "rule"
    blocking = [text for text in complaints(offline.log.read_text()) if "cem" in text]
    assert not [text for text in blocking if "requirements" not in text]
