"""``cem decode``: bytes of a meter in, one JSON object for each telegram out."""

from argparse import Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator
import io
import json
import os
import sys
from typing import Final

from cem_core.meter import TelegramError
from cem_core.meter.recognise import Decoder
from cem_core.model import Reading
from cem_core.model.reading_json import reading_to_json
from optimizer.cli import decode_form
from optimizer.cli.command import Subparsers
from optimizer.cli.meter_arguments import add_meter_arguments, formats
from optimizer.cli.status import BAD_INPUT, DONE

_PIECE: Final = 65_536
_STDIN: Final = "-"

_DESCRIPTION: Final = """\
Read what a smart meter sent on its consumer port. FILE holds the bytes as they
came: one telegram or many, cut anywhere, with noise between them. Each telegram
becomes one line of JSON; a damaged one becomes one line on stderr, and the exit
status 1. With --form FILE is what a gateway or a slow meter says instead.

formats:
  auto  found by itself
  dsmr  P1 text of DSMR, e-MUCS and their relatives, also encrypted
  dlms  DLMS in HDLC frames, over M-Bus or bare, also encrypted
  sml   SML of German meters
  tic   TIC of French meters, historique and standard
  d0    readouts of IEC 62056-21

forms:
  mbus         answers of wired M-Bus meters, as bytes or in hexadecimal
  wmbusmeters  JSON of wmbusmeters, one message after the other
  homewizard_v1, esphome, … (the names are with cem meter watch --help)
               JSON of a gateway, the same
"""
_EXAMPLE: Final = """\
examples:
  cem decode telegram.txt
  nc 192.168.1.50 2001 | cem decode - | jq .import_power_w
  cem decode --format dsmr --key 000102030405060708090A0B0C0D0E0F smarty.bin
  curl -s http://192.168.1.40/api/v1/data | cem decode --form homewizard_v1 -
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
    add_meter_arguments(parser)
    parser.add_argument(
        "--form",
        choices=decode_form.FORM_NAMES,
        metavar="FORM",
        help="what FILE is instead of a meter's telegrams (see above)",
    )
    parser.add_argument("file", metavar="FILE", help="a file, or - for stdin")


def run(args: Namespace) -> int:
    """Decode and return the exit status."""
    if args.form is not None:
        return _run_form(args)
    decoder = Decoder(formats(args.format), key=args.key, auth_key=args.auth_key)
    status = DONE
    for piece in pieces_of(args.file):
        for result in decoder.feed(piece):
            status = max(status, _print(result))
    for result in decoder.finish():
        status = max(status, _print(result))
    return status


def _run_form(args: Namespace) -> int:
    status = DONE
    for said in decode_form.read(args.form, pieces_of(args.file), args.key):
        if isinstance(said, str):
            status = BAD_INPUT
            print(said, file=sys.stderr, flush=True)
        else:
            print(json.dumps(said), flush=True)
    return status


def _print(result: Reading | TelegramError) -> int:
    if isinstance(result, TelegramError):
        print(result, file=sys.stderr, flush=True)
        return BAD_INPUT
    if result.raw:
        print(json.dumps(reading_to_json(result)), flush=True)
    return DONE


def pieces_of(name: str) -> Iterator[bytes]:
    """Yield the bytes of a file or stdin as they come, never waiting for more."""
    with io.FileIO(os.dup(sys.stdin.fileno()) if name == _STDIN else name) as file:
        while piece := file.read(_PIECE):
            yield piece
