"""``cem probe eebus``: who announces SHIP on this network."""

from argparse import Namespace
import asyncio
import json
import sys
from typing import Any, Final

from zeroconf import IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from optimizer.cli.status import BAD_INPUT, DONE

_SERVICE: Final = "_ship._tcp.local."  # SHIP 1.0.1, 7
_KEYS: Final = ("brand", "model", "type", "ski", "register", "path")


def probe_eebus(args: Namespace) -> int:
    """Show who announces itself and return the exit status."""
    found = asyncio.run(_browse(args.seconds))
    for each in found:
        if args.json:
            print(json.dumps(each))
            continue
        print(f"{each['name']}  {each['host']}:{each['port']}")
        for key in _KEYS:
            if each.get(key):
                print(f"  {key:10} {each[key]}")
    if not found:
        print("nobody announces EEBUS on this network", file=sys.stderr)
    return DONE if found else BAD_INPUT


async def _browse(seconds: float) -> list[dict[str, Any]]:
    names: set[str] = set()

    def changed(
        zeroconf: Zeroconf,
        service_type: str,
        name: str,
        state_change: ServiceStateChange,
    ) -> None:
        del zeroconf, service_type
        if state_change is not ServiceStateChange.Removed:
            names.add(name)

    zeroconf = AsyncZeroconf()
    browser = AsyncServiceBrowser(zeroconf.zeroconf, _SERVICE, handlers=[changed])
    try:
        await asyncio.sleep(seconds)
        return [await _described(zeroconf, name) for name in sorted(names)]
    finally:
        await browser.async_cancel()
        await zeroconf.async_close()


async def _described(zeroconf: AsyncZeroconf, name: str) -> dict[str, Any]:
    info = AsyncServiceInfo(_SERVICE, name)
    await info.async_request(zeroconf.zeroconf, 3000)
    addresses = info.parsed_scoped_addresses(IPVersion.All)
    said = {
        key.decode(errors="replace"): (value or b"").decode(errors="replace")
        for key, value in info.properties.items()
    }
    host = addresses[0] if addresses else info.server
    return {
        "name": name.removesuffix(f".{_SERVICE}"),
        "host": host,
        "port": info.port,
    } | said
