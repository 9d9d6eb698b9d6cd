"""``cem completion``: what a shell completes, told from the commands themselves."""

from argparse import Action, ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
import importlib
from typing import Final, cast

from optimizer.cli import COMMANDS
from optimizer.cli.command import CommandModule, Subparsers
from optimizer.cli.status import DONE

_EXAMPLE: Final = """\
examples:
  cem completion bash > ~/.local/share/bash-completion/completions/cem
  eval "$(cem completion bash)"       for this shell only
  eval "$(cem completion zsh)"        after compinit, in ~/.zshrc
"""
# zsh reads bash's completions once it is told to.
_FOR_ZSH: Final = "autoload -U +X bashcompinit && bashcompinit\n"
_SCRIPT: Final = """\
_cem() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words
  if (( COMP_CWORD == 1 )); then
    words="%(commands)s --help --version"
  else
    case "${COMP_WORDS[1]} $prev" in
%(choices)s
      *)
        case "${COMP_WORDS[1]} $cur" in
%(flags)s
%(words)s
        esac
        ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _cem cem
"""


def add_parser(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "completion",
        help="print what a shell completes",
        description="Print a script by which a shell completes commands, flags and "
        "their choices. Files are completed as ever.",
        epilog=_EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("shell", choices=("bash", "zsh"))


def run(args: Namespace) -> int:
    """Print the script and return the exit status."""
    print((_FOR_ZSH if args.shell == "zsh" else "") + _script(), end="")
    return DONE


@dataclass(slots=True)
class _Told:
    """What can follow a command: flags with what they choose from, and words."""

    flags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def take(self, parser: ArgumentParser) -> None:
        """Take in the arguments of ``parser`` and of the commands within it."""
        for action in parser._actions:  # noqa: SLF001 - argparse has no other way
            choices = _choices(action)
            for flag in action.option_strings:
                if flag.startswith("--"):
                    self.flags[flag] = choices
            if not action.option_strings:
                self.words += choices
            if isinstance(action.choices, Mapping):
                for within in action.choices.values():
                    self.take(cast("ArgumentParser", within))


def _choices(action: Action) -> tuple[str, ...]:
    return tuple(map(str, action.choices or ()))


def _told(name: str) -> _Told:
    parser = ArgumentParser()
    subparsers = cast("Subparsers", parser.add_subparsers())
    module = importlib.import_module(COMMANDS[name].module)
    cast("CommandModule", module).add_parser(subparsers)
    told = _Told()
    told.take(parser)
    told.words.remove(name)
    return told


def _script() -> str:
    told = {name: _told(name) for name in COMMANDS}
    return _SCRIPT % {
        "commands": " ".join(COMMANDS),
        "choices": "\n".join(
            _case(f"{name} {flag}", choices, indent=6)
            for name, each in told.items()
            for flag, choices in each.flags.items()
            if choices
        ),
        "flags": "\n".join(
            _case(f"{name} -", each.flags, indent=10, rest="*")
            for name, each in told.items()
        ),
        "words": "\n".join(
            _case(f"{name} ", each.words, indent=10, rest="*")
            for name, each in told.items()
            if each.words
        ),
    }


def _case(what: str, words: Iterable[str], *, indent: int, rest: str = "") -> str:
    return f'{" " * indent}"{what}"{rest}) words="{" ".join(words)}" ;;'
