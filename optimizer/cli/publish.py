"""``cem publish``: what a meter says, to whom a consent names."""

from argparse import ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from typing import Final

from optimizer.cli.command import Subparsers

_DESCRIPTION: Final = """\
Read telegrams and publish them by MQTT over TLS, 1 to 6 a minute, as near-real-time data.
Nothing leaves without a consent: CONSENT.json says who gets what, where, from when and until
when, and whether it was revoked; it is read again whenever it changes. The meter appears
under a pseudonym unless the consent says otherwise. What cannot be delivered waits, and is
sent later in order.
"""
_EXAMPLE: Final = """\
examples:
  cem publish --consent grid.json --key-file home.key telegrams.txt
  nc 192.168.1.50 2001 | cem publish --consent grid.json --key-file home.key -

CONSENT.json:
  {"recipient": "Grid Ltd", "endpoint": "mqtts://example.org:8883/homes/7",
   "what": ["power", "registers", "phases"], "pseudonymous": true,
   "start": "2026-03-01T00:00:00+01:00", "end": "2027-03-01T00:00:00+01:00"}

The password of the endpoint's user, as in mqtts://user@example.org/topic, is taken from the
environment variable CEM_PUBLISH_PASSWORD.

exit status: 0 all was delivered; 1 something was not, or may not be; 2 wrong usage
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "publish",
        help="publish what a meter says, on a consent",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="telegrams, or - for stdin")
    parser.add_argument(
        "--consent", metavar="CONSENT.json", required=True, help="who gets what"
    )
    parser.add_argument(
        "--key-file",
        metavar="FILE",
        required=True,
        help="the key of pseudonyms; made where there is none yet",
    )
    parser.add_argument(
        "--per-minute", type=int, choices=range(1, 7), default=6, help="default: 6"
    )
    parser.add_argument(
        "--ca-file", metavar="FILE", help="who vouches for the broker, PEM"
    )
    parser.add_argument(
        "--wait",
        metavar="S",
        type=_seconds,
        default=60.0,
        help="at the end, for what is not delivered yet (default: 60)",
    )


def run(args: Namespace) -> int:
    """Publish and return the exit status."""
    # Help and wrong usage need not wait for MQTT and TLS.
    from optimizer.cli.publish_telegrams import publish  # noqa: PLC0415

    return publish(args)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:  # noqa: PLR2004 - a day
        raise ArgumentTypeError("expected seconds, 0 to 86400")
    return seconds
