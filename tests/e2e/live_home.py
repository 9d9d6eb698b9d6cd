"""The one real home that the end-to-end tests share, and what they ask of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import time
from typing import Final
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from script.rig.api import Api, Json
from script.rig.flows import set_mode, set_up_cem, set_up_mqtt
from script.rig.home import DEMO_HOME, Home, build_release, user_of
from script.rig.processes import children
from script.rig.simulator import HOST, PREFIX, order_fault
from script.rig.telegrams import TelegramListener
from script.rig.topics import TopicListener
from script.rig.waiting import RigError, until
from script.rig.websocket import connect

# 3 x 25 A: the car's 11 kW fit, with all else that draws.
IMPORT_LIMIT_KW: Final = 17.25
WORKER: Final = "optimizer/worker.py"
# The devices publish one after another within a few ms: a sum is taken when
# none has spoken for this long.
QUIET_S: Final = 0.05
CONTROLLABLE: Final = ("charger", "heat_pump", "battery")
SOLVED: Final = {"optimal", "feasible", "relaxed"}
FULL_W: Final = 10_000
# Of the homes that run, for whoever explains a failure.
LOGS: Final[list[Path]] = []
WEEK: Final = [
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
]


def write_home(target: Path) -> Path:
    """Write the demo's home with a car that has just come and stays all day."""
    home = YAML(typ="safe").load(DEMO_HOME)
    now = datetime.now(ZoneInfo(home["time_zone"]))
    play = home["simulate"]
    play["series"] = str(DEMO_HOME.parent / play["series"])
    play["car"] = {
        "capacity_kwh": 60,
        "state_of_charge": 0.2,
        "plugged": True,
        "habits": [
            {
                "weekdays": WEEK,
                "arrive": f"{now - timedelta(hours=2):%H:%M}",
                "depart": f"{now + timedelta(hours=14):%H:%M}",
                "energy_kwh": 11,
            }
        ],
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(home, default=str))  # JSON is YAML
    return target


@dataclass(kw_only=True)
class LiveHome:
    """A home that runs, with a logged-in user and ears on meter and devices."""

    home: Home
    api: Api
    telegrams: TelegramListener
    devices: TopicListener
    entry_id: str = ""
    slug: str = ""
    set_up_time: datetime | None = None
    planned_after_s: float | None = None
    faults: set[tuple[str, str | None]] = field(default_factory=set)

    @property
    def log(self) -> Path:
        """Home Assistant's log."""
        return self.home.home_assistant.log

    def entity(self, domain: str, name: str) -> str:
        """Return the id of one of the home's own entities."""
        return f"{domain}.{self.slug}_{name}"

    async def value(self, domain: str, name: str) -> str:
        """Return the state of one of the home's own entities."""
        state = await self.api.state(self.entity(domain, name))
        return "(no such entity)" if state is None else str(state["state"])

    async def set_up(self) -> None:
        """Add the CEM through its forms, let it control, note when it was."""
        self.entry_id = await set_up_cem(
            self.api, self.home.placeholders, import_limit=IMPORT_LIMIT_KW
        )
        self.set_up_time = datetime.now(UTC)
        await self.options(return_least=60, return_most=60)
        await set_mode(self.api, self.entry_id, "control")
        (entry,) = await self.api.entries("cem")
        self.slug = str(entry["title"]).lower().replace(" ", "_")

    async def options(self, **answers: object) -> None:
        """Fill in the home's options; what is left out has its default."""
        path = "/api/config/config_entries/options/flow"
        shown = await self.api.post(path, {"handler": self.entry_id})
        made = await self.api.post(f"{path}/{shown['flow_id']}", answers)
        assert made["type"] == "create_entry", made

    async def first_plan(self) -> None:
        """Wait for a solved plan and note how long after set-up it was made."""
        assert self.set_up_time is not None

        async def solved() -> bool:
            plan = await self.plan()
            return plan is not None and plan["status"] in SOLVED

        await until("a solved plan", solved, within_s=60)
        plan = await self.plan()
        assert plan is not None
        created_at = datetime.fromisoformat(plan["created_at"])
        self.planned_after_s = (created_at - self.set_up_time).total_seconds()

    async def remove(self) -> None:
        """Remove the CEM's entry."""
        await self.api.delete(f"/api/config/config_entries/entry/{self.entry_id}")

    async def mode(self, mode: str) -> None:
        """Let the CEM observe, advise or control."""
        await set_mode(self.api, self.entry_id, mode)

    async def controllable_w(self) -> float:
        """Return what battery, car and heat pump draw, by their own word."""
        while time.monotonic() - self.devices.publications[-1].at < QUIET_S:
            await asyncio.sleep(QUIET_S / 5)
        powers = self.powers().values()
        if None in powers:
            return float("nan")
        return sum(max(0.0, power) for power in powers if power is not None)

    def car_w(self) -> float:
        """Return what the car draws, by the charger's own word."""
        return self.devices.number("charger/power") or 0.0

    async def charge(self, when: str) -> None:
        """Say when the car is to charge: now, plan or not_tonight."""
        await self.api.call(
            "cem.charge", device=await self.device("ev_charger"), when=when
        )

    async def device(self, kind: str) -> str:
        """Return the id of the only device of a kind, from the live data."""
        live = await self.live()
        found = [d["device_id"] for d in live["devices"] if d["kind"] == kind]
        if len(found) != 1:
            message = f"{len(found)} devices of kind {kind}: {live['devices']}"
            raise RigError(message)
        return str(found[0])

    async def live(self) -> Json:
        """Return what the dashboard is sent now."""
        async with connect(self.api) as socket:
            events = await socket.subscribe(
                "cem/subscribe_live", entry_id=self.entry_id
            )
            arrival = await events.next(within_s=5)
        return dict(arrival.event)

    async def plan(self) -> Json | None:
        """Return the plan that the dashboard is sent, if there is one."""
        async with connect(self.api) as socket:
            events = await socket.subscribe(
                "cem/subscribe_plan", entry_id=self.entry_id
            )
            arrival = await events.next(within_s=5)
        return None if arrival.event is None else dict(arrival.event)

    async def order_limit(self, limit_w: int, **more: object) -> str:
        """Order a limit on controllable import, or what ``more`` says."""
        order = {"direction": "import", "scope": "controllable"} | more
        answer = await self.api.act("cem.order_limit", limit_w=limit_w, **order)
        return str(answer["limit_id"])

    async def end_limit(self, limit_id: str) -> None:
        """End a limit."""
        await self.api.act("cem.end_limit", limit_id=limit_id)

    async def end_limits(self) -> None:
        """End every limit that was ordered."""
        for limit in (await self.live())["limits"]:
            if limit["source"] == "order":
                await self.end_limit(limit["limit_id"])

    async def fault(
        self, fault: str, device: str | None = None, *, seconds: float
    ) -> None:
        """Let something go wrong for a while; 0 seconds end it."""
        self.faults.add((fault, device))
        await order_fault(self.devices, fault, device, seconds=seconds)

    async def end_faults(self) -> None:
        """Let nothing go wrong any more."""
        while self.faults:
            fault, device = self.faults.pop()
            await order_fault(self.devices, fault, device, seconds=0)

    async def car_charges_at_11_kw(self) -> None:
        """Charge now, and wait until the car does.

        A car that a limit stopped gets its power back slowly. Who observes
        hands it back at once, and a reload forgets that there was a limit.
        """
        await self.charge("now")
        if not self.car_at_11_kw():
            await self.mode("observe")
            await until("the car handed back", self.car_at_11_kw, within_s=30)
            await self.reload()
            await self.mode("control")
        await until("the car at 11 kW", self.car_at_11_kw, within_s=60)

    def car_at_11_kw(self) -> bool:
        """Whether the car draws all that its charger gives."""
        return self.car_w() > FULL_W

    async def reload(self) -> None:
        """Reload the entry and wait for the meter and the devices."""
        entry = f"/api/config/config_entries/entry/{self.entry_id}"
        await self.api.post(f"{entry}/reload", {})
        await until("the CEM after a reload", self.ready, within_s=30)

    async def ready(self) -> bool:
        """Whether meter and devices are connected."""
        try:
            live = await self.live()
        except RigError:
            return False  # the entry is away just now
        return live["meter"]["connected"] and all(
            device["available"] for device in live["devices"]
        )

    async def kept(
        self, limit_w: float, *, within_s: float = 10.0, watched_s: float = 20.0
    ) -> float:
        """Watch the devices for a while; return when they last were above.

        Before ``within_s`` they may be; after it one sum above the limit fails.
        """
        began = time.monotonic()
        last_above_s = 0.0
        while (now_s := time.monotonic() - began) < within_s + watched_s:
            found_w = await self.controllable_w()
            if not found_w <= limit_w:
                last_above_s = now_s
                assert now_s <= within_s, (
                    f"{found_w:.0f} W drawn {now_s:.1f} s after the order, "
                    f"{limit_w:.0f} W allowed: {self.powers()}"
                )
            elif now_s - last_above_s > watched_s:
                break
            await asyncio.sleep(0.2)
        return last_above_s

    def powers(self) -> dict[str, float | None]:
        """Return what each controllable device draws, by its own word."""
        return {
            device: self.devices.number(f"{device}/power") for device in CONTROLLABLE
        }

    def workers(self) -> list[int]:
        """Return the process ids of the CEM's worker."""
        found = children(self.home.home_assistant.child.pid)
        return [pid for pid, command in found.items() if WORKER in command]


def handed_back(live: LiveHome) -> bool:
    """Whether every device follows itself again."""
    said = live.devices.last
    prefix = live.devices.prefix
    return (
        said[f"{prefix}/battery/mode"] == "self_consumption"
        and said[f"{prefix}/charger/current"] == "16"
        and said[f"{prefix}/charger/enabled"] == "ON"
        and said[f"{prefix}/heat_pump/power_limit"] == "2500"
    )


@asynccontextmanager
async def running_home(
    folder: Path,
    *,
    before_start: Callable[[Home], None] = lambda _: None,
    home: Home | None = None,
) -> AsyncIterator[LiveHome]:
    """Start a home with the release in it and MQTT set up; end it afterwards."""
    home = home or Home(folder, plays=write_home(folder / "home.yaml"))
    home.home_assistant.install(build_release(folder / "release"))
    before_start(home)
    telegrams = TelegramListener(HOST, home.simulator.p1_port)
    devices = TopicListener(home.broker.port, PREFIX)
    LOGS.append(home.home_assistant.log)
    try:
        await home.start()
        async with user_of(home) as api:
            await telegrams.start()
            await devices.start()
            await set_up_mqtt(api, home.broker.port)
            yield LiveHome(home=home, api=api, telegrams=telegrams, devices=devices)
    finally:
        await telegrams.stop()
        await devices.stop()
        await home.stop()
        LOGS.remove(home.home_assistant.log)


async def kill_and_start(live: LiveHome) -> float:
    """Cut Home Assistant's power and start it; return when it was started."""
    await live.home.home_assistant.child.kill()
    await live.home.home_assistant.start(live.home.environment)
    began = time.monotonic()
    await live.home.home_assistant.serving()
    return began
