"""``cem meter watch``: a line followed until Ctrl-C."""

from argparse import Namespace
import asyncio
from collections import deque
from contextlib import aclosing, suppress
import json
import shutil
import signal
import sys
from typing import Final

from cem_core.meter import TelegramError
from cem_core.model import Reading
from cem_core.model.reading_json import reading_to_json
from cem_core.transport import LineState
from cem_core.transport.open_line import LineSettings, OpenLine, open_line
from optimizer.cli.meter_arguments import formats
from optimizer.cli.meter_screen import lines
from optimizer.cli.status import BAD_INPUT, DONE, TERMINATED, WRONG_USAGE

_EVERY_S: Final = 0.5
_DAMAGE_SHOWN: Final = 5
# Another screen, without cursor; and back.
_ENTER: Final = "\x1b[?1049h\x1b[?25l"
_LEAVE: Final = "\x1b[?25h\x1b[?1049l"
_FROM_THE_TOP: Final = "\x1b[H"
_REST_OF_LINE: Final = "\x1b[K"
_REST_OF_SCREEN: Final = "\x1b[J"


def watch(args: Namespace) -> int:
    """Watch the line of ``args`` and return the exit status."""
    watcher = _Screen(args.address) if sys.stdout.isatty() else _Pipe()
    settings = LineSettings(
        formats=formats(args.format),
        key=args.key,
        auth_key=args.auth_key,
        form=args.form,
        port=args.baud,
        optical=args.optical,
    )
    try:
        line = open_line(
            args.address,
            settings,
            on_change=watcher.changed,
            on_damage=watcher.damaged,
        )
    except ValueError as error:
        print(f"cem meter: {error}", file=sys.stderr)
        return WRONG_USAGE
    try:
        asyncio.run(watcher.follow(line))
    except asyncio.CancelledError:
        return TERMINATED
    return watcher.status


class _Pipe:
    """One line of JSON a reading; the rest is said on stderr."""

    def __init__(self) -> None:
        self.status = DONE
        self._said = ""

    async def follow(self, line: OpenLine) -> None:
        async with aclosing(line.readings) as readings:
            async for reading in readings:
                print(json.dumps(reading_to_json(reading)), flush=True)

    def changed(self, state: LineState) -> None:
        said = f"{state.status}: {state.cause}" if state.cause else state.status
        if said != self._said:
            self._said = said
            print(said, file=sys.stderr, flush=True)

    def damaged(self, error: TelegramError) -> None:
        self.status = BAD_INPUT
        print(error, file=sys.stderr, flush=True)


class _Screen:
    """One screen that is kept up to date."""

    def __init__(self, address: str) -> None:
        self.status = DONE
        self._address = address
        self._reading: Reading | None = None
        self._damage: deque[str] = deque(maxlen=_DAMAGE_SHOWN)

    async def follow(self, line: OpenLine) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is not None:
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
        print(_ENTER, end="", flush=True)
        drawing = asyncio.create_task(self._draw_for_ever(line))
        try:
            async with aclosing(line.readings) as readings:
                async for reading in readings:
                    self._reading = reading
        finally:
            drawing.cancel()
            with suppress(asyncio.CancelledError):
                await drawing
            print(_LEAVE, end="")
            print("\n".join(self._lines(line)), flush=True)

    def changed(self, _: LineState) -> None:
        """Wait for the next drawing."""

    def damaged(self, error: TelegramError) -> None:
        self.status = BAD_INPUT
        self._damage.append(str(error))

    async def _draw_for_ever(self, line: OpenLine) -> None:
        while True:
            content = "\r\n".join(each + _REST_OF_LINE for each in self._lines(line))
            print(_FROM_THE_TOP + content + _REST_OF_SCREEN, end="", flush=True)
            await asyncio.sleep(_EVERY_S)

    def _lines(self, line: OpenLine) -> list[str]:
        size = shutil.get_terminal_size()
        return lines(
            self._address, line.state, self._reading, tuple(self._damage), size
        )
