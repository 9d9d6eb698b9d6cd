"""What proves that limits were kept: a log that only grows, chained and signed."""

from cem_core.evidence.head import Head, Signer, verify_head
from cem_core.evidence.log import EvidenceError, EvidenceLog, Fault
from cem_core.evidence.record import ClockState, Kind, Record

__all__ = [
    "ClockState",
    "EvidenceError",
    "EvidenceLog",
    "Fault",
    "Head",
    "Kind",
    "Record",
    "Signer",
    "verify_head",
]
