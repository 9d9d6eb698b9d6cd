"""HOME.yaml -> what the simulator plays: `devices` and section `simulate`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cem_core.simulation.appliance import ApplianceParameters
from cem_core.simulation.config_devices import (
    BatterySetup,
    CarSetup,
    HeatPumpSetup,
    SolarSetup,
    read_appliance,
    read_battery,
    read_car,
    read_heat_pump,
    read_solar,
)
from cem_core.simulation.config_networks import (
    HIGHEST_PORT,
    LOCAL_HOST,
    EebusSetup,
    OcppSetup,
    S2Setup,
    read_eebus,
    read_ocpp,
    read_s2,
)
from cem_core.simulation.fields import Fields, HomeError
from cem_core.simulation.registers import Standard

# What each kind is called on MQTT, whatever its id in HOME.yaml.
NAMES: Final[Mapping[str, str]] = {
    "solar": "solar",
    "battery": "battery",
    "ev_charger": "charger",
    "heat_pump": "heat_pump",
    "appliance": "dishwasher",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class P1Setup:
    """Where the meter listens and what it is; port 0 takes a free one."""

    host: str
    port: int
    standard: Standard
    limiter_w: int | None
    fuse_a: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSetup:
    """The broker and the topics."""

    host: str
    port: int
    prefix: str
    discovery_prefix: str
    username: str | None
    password: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModbusSetup:
    """Where the devices answer over Modbus TCP; port 0 takes a free one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSetup:
    """The columns of the series, and how restless the load is."""

    load: str
    outdoor: str
    import_price: str
    export_price: str
    restless: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationSetup:
    """Everything the simulator plays; ``names`` by the ids of HOME.yaml."""

    name: str
    names: Mapping[str, str]
    time_zone: ZoneInfo
    currency: str
    seed: int
    series: str
    forecast_error: float
    month_peak_w: float
    p1: P1Setup
    mqtt: MqttSetup | None
    modbus: ModbusSetup | None
    ocpp: OcppSetup | None
    s2: S2Setup | None
    eebus: EebusSetup | None
    load: LoadSetup
    battery: BatterySetup | None
    car: CarSetup | None
    heat_pump: HeatPumpSetup | None
    solar: SolarSetup | None
    appliance: ApplianceParameters | None


def _first_charge(tariff: Fields) -> Fields:
    """Return the capacity charge, of several the first: the meter's month peak."""
    charges = tariff.value("capacity")
    first = charges[0] if isinstance(charges, list) and charges else charges
    return Fields.of(first or None, ("tariff", "capacity"))


def read_setup(home: Mapping[str, Any]) -> SimulationSetup:
    """Return what ``home`` asks for, or raise `HomeError`."""
    top = Fields(home)
    devices = _devices(top)
    simulate = top.section("simulate")
    tariff = top.section("tariff")
    capacity = _first_charge(tariff)
    # Sections are read, and their errors told, also without such a device.
    battery = read_battery(devices.get("battery"), simulate.section("battery"))
    car = read_car(devices.get("ev_charger"), simulate.section("car"))
    heat_pump = read_heat_pump(
        devices.get("heat_pump"),
        simulate.section("heat_pump"),
        simulate.section("building"),
    )
    solar = read_solar(devices.get("solar"), simulate.section("solar"))
    setup = SimulationSetup(
        name=top.text("name", "home"),
        names={
            device.text("id", kind): NAMES[kind] for kind, device in devices.items()
        },
        time_zone=_time_zone(top),
        currency=tariff.text("currency", "EUR"),
        seed=simulate.integer("seed", 1, low=0, high=2**31),
        series=simulate.text("series", "series.csv"),
        forecast_error=simulate.number("forecast_error", 0.1, high=1),
        month_peak_w=1000 * capacity.number("peak_so_far_kw", 2.5),
        p1=_p1(simulate.section("p1")),
        mqtt=_mqtt(simulate.section("mqtt")),
        modbus=_modbus(simulate),
        ocpp=read_ocpp(simulate),
        s2=read_s2(simulate),
        eebus=read_eebus(simulate),
        load=_load(simulate.section("load")),
        battery=battery,
        car=car,
        heat_pump=heat_pump,
        solar=solar,
        appliance=read_appliance(devices.get("appliance")),
    )
    simulate.done()
    _check_networks(setup)
    return setup


def _check_networks(setup: SimulationSetup) -> None:
    """Refuse a section for a device that the home does not have."""
    there = set(setup.names.values())
    wanted: dict[tuple[str, ...], str] = {}
    if setup.ocpp is not None:
        wanted["ocpp",] = "charger"
    if setup.s2 is not None:
        wanted |= {("s2", f"{device}_token"): device for device in setup.s2.tokens}
    if setup.eebus is not None:
        wanted["eebus", "device"] = setup.eebus.device
    for path, device in wanted.items():
        if device not in there:
            raise HomeError(("simulate", *path), f"the home has no {device}")


def _devices(top: Fields) -> dict[str, Fields]:
    devices: dict[str, Fields] = {}
    for device in top.items("devices"):
        kind = device.choice("kind", "", tuple(NAMES))
        if kind in devices:
            raise device.error("kind", f"only one {kind} can be simulated")
        devices[kind] = device
    return devices


def _time_zone(top: Fields) -> ZoneInfo:
    name = top.text("time_zone", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise top.error("time_zone", f"{name!r} is no time zone") from error


def _p1(fields: Fields) -> P1Setup:
    limiter_kw = fields.number("limiter_kw", -1, low=-1, high=999)
    fuse_a = fields.integer("fuse_a", -1, low=-1, high=998)
    setup = P1Setup(
        host=fields.text("host", LOCAL_HOST),
        port=fields.integer("port", 0, low=0, high=HIGHEST_PORT),
        standard=Standard(fields.choice("standard", "belgium", tuple(Standard))),
        limiter_w=None if limiter_kw < 0 else round(1000 * limiter_kw),
        fuse_a=None if fuse_a < 0 else fuse_a,
    )
    fields.done()
    return setup


def _mqtt(fields: Fields) -> MqttSetup | None:
    port = fields.integer("port", 0, low=0, high=HIGHEST_PORT)
    setup = MqttSetup(
        host=fields.text("host", LOCAL_HOST),
        port=port,
        prefix=fields.text("prefix", "cem_home"),
        discovery_prefix=fields.text("discovery_prefix", "homeassistant"),
        username=fields.text("username", "") or None,
        password=fields.text("password", "") or None,
    )
    fields.done()
    if any(character in setup.prefix for character in "+#/ ") or not setup.prefix:
        raise fields.error("prefix", "one topic level without + # / or spaces")
    return setup if port else None


def _modbus(simulate: Fields) -> ModbusSetup | None:
    if simulate.value("modbus") is None:
        return None
    fields = simulate.section("modbus")
    setup = ModbusSetup(
        host=fields.text("host", LOCAL_HOST),
        port=fields.integer("port", 0, low=0, high=HIGHEST_PORT),
    )
    fields.done()
    return setup


def _load(fields: Fields) -> LoadSetup:
    setup = LoadSetup(
        load=fields.text("series", "load_kw"),
        outdoor=fields.text("outdoor_series", "outdoor_temperature_c"),
        import_price=fields.text("import_price_series", "import_price"),
        export_price=fields.text("export_price_series", "export_price"),
        restless=fields.flag("restless", default=True),
    )
    fields.done()
    return setup
