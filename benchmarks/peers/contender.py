"""A contender in a process of its own, asked for one schedule after the other."""

from collections.abc import Mapping, Sequence
import json
import os
from pathlib import Path
import subprocess
from typing import IO, Any, Final, Self

from benchmarks.peers.canonical import Home
from benchmarks.peers.missing import MissingError

ROOT: Final = Path(__file__).resolve().parents[2]
# Each contender has one core, whatever its libraries would like.
_ALONE: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)


class Contender:
    """One process; `ask` waits for its answer."""

    def __init__(
        self, python: Path, module: str, logs: Path, **environment: str
    ) -> None:
        """Start ``module`` of this package in ``python``. Raises `MissingError`."""
        self.name = module.removeprefix("with_")
        logs.mkdir(parents=True, exist_ok=True)
        self._log = logs / f"{self.name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [python, "-W", "ignore", "-m", f"benchmarks.peers.{module}"],
                cwd=ROOT,
                env=os.environ | _ALONE | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.versions: Mapping[str, str] = self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            self._pipe(self._process.stdin).close()
            self._process.wait()

    def ask(self, order: str, home: Home) -> Mapping[str, Any]:
        """Return the answer to ``order``. Raises `MissingError`."""
        return self._asked({"order": order, "home": home})

    def peak_mb(self) -> float:
        """Return the most memory that the process ever held."""
        return float(self._asked({"order": "memory"})["peak_mb"])

    def _asked(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        pipe = self._pipe(self._process.stdin)
        try:
            print(json.dumps(question, default=_plain), file=pipe, flush=True)
        except BrokenPipeError as error:
            raise self._ended() from error
        return self._answer()

    def _answer(self) -> Mapping[str, Any]:
        line = self._pipe(self._process.stdout).readline()
        if not line:
            raise self._ended()
        answer: Mapping[str, Any] = json.loads(line)
        return answer

    def _ended(self) -> MissingError:
        self._process.wait()
        lines: Sequence[str] = self._log.read_text(errors="replace").split("\n")
        said = [line for line in lines if line.strip()]
        last = said[-1].strip() if said else "without a word"
        return MissingError(f"{self.name} ended: {last} (see {self._log})")

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


def _plain(value: Any) -> Any:  # noqa: ANN401 - numpy and sets
    return sorted(value) if isinstance(value, set) else value.tolist()
