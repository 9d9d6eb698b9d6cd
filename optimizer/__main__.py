"""Where the command ``cem`` begins, before anything is imported.

Ctrl-C may come while the imports run, and whoever starts a program may have closed
its stdin, stdout or stderr: neither is worth a traceback.
"""

import os
import sys

_INTERRUPTED = 130  # optimizer.cli.status is not there yet


def main() -> int:
    """Run the command line and return its exit status."""
    try:
        _open_what_is_closed()
        from optimizer.cli import main as run  # noqa: PLC0415 - see above

        return run()
    except KeyboardInterrupt:
        return _INTERRUPTED


def _open_what_is_closed() -> None:
    """Give Python's missing streams an empty file, which says and keeps nothing."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


if __name__ == "__main__":
    sys.exit(main())
