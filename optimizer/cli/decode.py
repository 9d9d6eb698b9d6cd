"""``cem decode``: bytes of a meter in, one JSON object for each telegram out."""

from argparse import Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator
import io
import json
import os
import re
import sys
from typing import Final

from cem_core.meter import Decoder, TelegramError
from cem_core.model import Reading
from cem_core.model.reading_json import reading_to_json
from optimizer.cli.command import Subparsers
from optimizer.cli.status import BAD_INPUT, DONE, WRONG_USAGE

_FORMATS: Final = ("auto", "dsmr", "dlms", "sml", "tic", "d0")
_READ: Final = frozenset({"auto", "dsmr"})
_PIECE: Final = 65_536
_HEAD: Final = 16  # bytes that tell formats apart
_STDIN: Final = "-"

# How other formats begin, to say what it is that is not read.
_ELSEWHERE: Final = (
    (re.compile(rb"\xdb\x08"), "an encrypted P1 telegram"),
    (re.compile(rb"\x1b{4}\x01{4}"), "SML"),
    (re.compile(rb"\x7e\xa0"), "DLMS in HDLC frames"),
    (re.compile(rb"\xe6\xe7\x00|\x0f"), "DLMS"),
    (re.compile(rb"\x68(.)\1\x68", re.DOTALL), "DLMS over M-Bus"),
    (re.compile(rb"\x02\n"), "TIC"),
)
_DESCRIPTION: Final = """\
Read what a smart meter sent on its P1 port (DSMR 4 and 5, Belgian e-MUCS; also
DSMR 2.2 and 3). FILE holds the bytes as they came: one telegram or many, cut
anywhere, with noise between them. Each telegram becomes one line of JSON; a
damaged one becomes one line on stderr, and the exit status 1.
"""
_EXAMPLE: Final = """\
examples:
  cem decode telegram.txt
  nc 192.168.1.50 2001 | cem decode - | jq .import_power_w
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "decode",
        help="read what a meter sent",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--format", choices=_FORMATS, default="auto", help="default: auto"
    )
    parser.add_argument("--key", metavar="HEX", help="encryption key (not read yet)")
    parser.add_argument(
        "--auth-key", metavar="HEX", help="authentication key (not read yet)"
    )
    parser.add_argument("file", metavar="FILE", help="a file, or - for stdin")


def run(args: Namespace) -> int:
    """Decode and return the exit status."""
    if args.format not in _READ:
        return _refuse(f"the format {args.format} is not read yet; dsmr is")
    if args.key is not None or args.auth_key is not None:
        return _refuse("encrypted telegrams are not read yet: leave out the keys")
    return decode(_pieces(args.file))


def decode(pieces: Iterable[bytes]) -> int:
    """Print each telegram in ``pieces`` as it is complete."""
    decoder = Decoder()
    head = b""
    found = False
    status = DONE
    for piece in pieces:
        head = head or piece[:_HEAD]
        for result in decoder.feed(piece):
            found = True
            status = max(status, _print(result))
    for result in decoder.finish():
        found = True
        status = max(status, _print(result))
    if not found:
        print(f"byte 0: {_unrecognised(head)}", file=sys.stderr)
        return BAD_INPUT
    return status


def _print(result: Reading | TelegramError) -> int:
    if isinstance(result, TelegramError):
        print(result, file=sys.stderr, flush=True)
        return BAD_INPUT
    if result.raw:
        print(json.dumps(reading_to_json(result)), flush=True)
    return DONE


def _unrecognised(head: bytes) -> str:
    if not head:
        return "the input is empty"
    for start, name in _ELSEWHERE:
        if start.match(head):
            return f"this looks like {name}, which is not read yet"
    return "no telegram found"


def _refuse(reason: str) -> int:
    print(f"cem decode: {reason}", file=sys.stderr)
    return WRONG_USAGE


def _pieces(name: str) -> Iterator[bytes]:
    """Yield the bytes of a file or stdin as they come, never waiting for more."""
    with io.FileIO(os.dup(sys.stdin.fileno()) if name == _STDIN else name) as file:
        while piece := file.read(_PIECE):
            yield piece
