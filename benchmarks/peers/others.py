"""Other energy managers' optimisers, each on the part of a home that it knows."""

from collections.abc import Iterator
from pathlib import Path
import sys

from benchmarks.peers.canonical import Canonical, without_end
from benchmarks.peers.contender import Contender
from benchmarks.peers.duel import Bars, Duel
from benchmarks.peers.environments import EMHASS, FLEXMEASURES, cache, haeo, python_of
from benchmarks.peers.missing import MissingError
from benchmarks.peers.rows import Row, missing, versions

LOGS = cache() / "logs"


def own() -> Contender:
    """Return our optimiser in a process of its own."""
    return Contender(Path(sys.executable), "with_cem", LOGS)


def emhass(canonical: Canonical, times: int) -> Iterator[Row]:
    """Yield the rows against EMHASS at its own defaults."""
    try:
        with own() as ours, Contender(python_of(EMHASS), "with_emhass", LOGS) as peer:
            duel = Duel(canonical=canonical, own=ours, peer=peer, times=times)
            yield versions("EMHASS", ours.versions, peer.versions)
            kept = ("pv", "battery", "appliances")
            home = canonical.home("P1", *kept)
            yield from duel.rows("EMHASS, P1 without car", home, Bars())
            bars = Bars(first=100, again=150, dearer=1e-4)
            home = canonical.home("P1", *kept, "ev")
            yield from duel.rows("EMHASS, P1 with car", home, bars)
            bars = Bars(first=100, again=150, dearer=0)
            home = canonical.home("P2", *kept, "ev")
            yield from duel.rows("EMHASS, P2 with car", home, bars)
    except MissingError as error:
        yield missing("EMHASS", error)


def flexmeasures(canonical: Canonical, times: int) -> Iterator[Row]:
    """Yield the rows against FlexMeasures' scheduler, memory included."""
    try:
        python = python_of(FLEXMEASURES)
        with own() as ours, Contender(python, "with_flexmeasures", LOGS) as peer:
            duel = Duel(
                canonical=canonical,
                own=ours,
                peer=peer,
                times=times,
                peer_orders=("first",),
            )
            yield versions("FlexMeasures", ours.versions, peer.versions)
            bars = Bars(first=30, dearer=1e-4)
            home = canonical.home("P1", "pv", "battery", "ev")
            yield from duel.rows("FlexMeasures, P1 with car", home, bars)
            home = canonical.home("P2", "pv", "battery")
            yield from duel.rows("FlexMeasures, P2 without car", home, Bars())
            own_mb, peer_mb = ours.peak_mb(), peer.peak_mb()
            yield Row(
                what="FlexMeasures: memory of the process",
                count=1,
                ours=f"{own_mb:.0f} MB",
                theirs=f"{peer_mb:.0f} MB",
                ratio=f"{own_mb / peer_mb:.2f} of it",
                bar="<= 0.25",
                met=own_mb <= peer_mb / 4,
            )
    except MissingError as error:
        yield missing("FlexMeasures", error)


def haeo_rows(canonical: Canonical, times: int, source: Path | None) -> Iterator[Row]:
    """Yield the rows against HAEO, with and without preferences on both sides.

    It runs in our own environment: the same Python, numpy and HiGHS.
    """
    try:
        checkout = str(haeo(source))
        python = Path(sys.executable)
        with (
            own() as ours,
            Contender(python, "with_haeo", LOGS, CEM_HAEO=checkout) as peer,
        ):
            yield versions("HAEO", ours.versions, peer.versions)
            for problem, again in (("P1", 10.0), ("P2", 50.0)):
                home = without_end(canonical.home(problem, "pv", "battery"))
                plain = Duel(
                    canonical=canonical,
                    own=ours,
                    peer=peer,
                    times=times,
                    own_orders=(
                        "first without preferences",
                        "again without preferences",
                    ),
                )
                bars = Bars(first=10, again=again, dearer=1e-6, exact=True)
                what = f"HAEO, {problem}"
                yield from plain.rows(f"{what}, ours without preferences", home, bars)
                preferring = Duel(canonical=canonical, own=ours, peer=peer, times=times)
                bars = Bars(first=5, again=5, dearer=1e-6, exact=True)
                yield from preferring.rows(f"{what}, ours with preferences", home, bars)
    except MissingError as error:
        yield missing("HAEO", error)
