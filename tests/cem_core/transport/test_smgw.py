"""Asking gateways that check who asks and how."""

from dataclasses import replace
from typing import Final

import pytest

from cem_core.model.slow_reading import SlowQuantity
from cem_core.transport import smgw
from cem_core.transport.smgw import GatewayError, Login
from tests.cem_core.meter.test_smgw import METER
from tests.cem_core.transport.smgw_gateways import (
    PASSWORD,
    USER,
    Emh,
    Gateway,
    Ppc,
    Theben,
    answer,
)

LOGIN: Final = Login(user=USER, password=PASSWORD)
GATEWAYS: Final = {"theben": Theben, "emh": Emh, "ppc": Ppc}


@pytest.mark.parametrize(
    ("maker", "energy_wh", "meter_id"),
    [
        ("theben", 155559753.9, METER),
        ("emh", 1234567.8, METER),
        ("ppc", 15_320_450, "1 EFR 24 75081296"),
    ],
)
async def test_every_maker_is_read(maker: str, energy_wh: float, meter_id: str) -> None:
    read = await smgw.read(maker, GATEWAYS[maker](), LOGIN)
    assert read.values[SlowQuantity.ENERGY] == energy_wh
    assert read.meter_id == meter_id


async def test_a_conexa_that_names_another_algorithm_than_it_uses() -> None:
    read = await smgw.read("theben", Theben(algorithm="SHA-256"), LOGIN)
    assert read.values


async def test_ppc_is_left_logged_out_also_after_a_failure() -> None:
    gateway = Ppc()
    gateway.broken["meterform"] = answer(b"<html>", 200)
    for _ in range(2):
        with pytest.raises(GatewayError, match="lists no meter"):
            await smgw.read("ppc", gateway, LOGIN)
    assert not gateway.logged_in


async def test_ppc_that_cannot_be_left_is_still_read() -> None:
    gateway = Ppc(broken={"logout": answer(b"", 500)})
    assert (await smgw.read("ppc", gateway, LOGIN)).values


@pytest.mark.parametrize("maker", GATEWAYS)
async def test_a_wrong_password_is_told_once(maker: str) -> None:
    gateway = GATEWAYS[maker]()
    with pytest.raises(GatewayError, match="refuses this user or password"):
        await smgw.read(maker, gateway, replace(LOGIN, password="x"))
    assert gateway.seen == []


@pytest.mark.parametrize("maker", GATEWAYS)
async def test_only_what_shows_values_is_asked(maker: str) -> None:
    gateway: Gateway = GATEWAYS[maker]()
    await smgw.read(maker, gateway, LOGIN)
    said = " ".join(what + body for what, body in gateway.seen).lower()
    assert not any(word in said for word in ("selftest", "self-test", "put", "delete"))


@pytest.mark.parametrize(
    ("maker", "part", "broken", "cause"),
    [
        ("theben", "GET", answer(b"", 200), "does not say where"),
        ("theben", "user-info", answer(b"{", 200), "is no JSON"),
        ("theben", "user-info", answer(b"[]", 200), "contracts are not as described"),
        ("theben", "readings", answer(b"{}", 200), "values are not as described"),
        ("emh", "extended", answer(b"{}", 200), "values are not as known"),
        ("emh", "origin", answer(b"", 503), "the gateway answers 503 at /json"),
        ("ppc", "GET", answer(b"x", 200), "no token: the login was not taken"),
        ("ppc", "mid=17", answer(b"\xff", 200), "lists no counter of energy"),
    ],
)
async def test_what_a_gateway_says_wrong_is_told(
    maker: str, part: str, broken: smgw.HttpAnswer, cause: str
) -> None:
    with pytest.raises(GatewayError, match=cause):
        await smgw.read(maker, GATEWAYS[maker](broken={part: broken}), LOGIN)
