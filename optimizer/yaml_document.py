"""Text -> a tree that knows its lines: YAML 1.2, core schema; JSON is part of it.

Clock times and dates stay text, as do `yes` and `no`: only what the core schema
of YAML 1.2 names is a number, a truth value or null. The worker is given JSON
and does without this module and its library.
"""

import math
import re
import warnings

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node as YamlNode, ScalarNode, SequenceNode

from optimizer.document import InputError, Problem, Scalar, Tree

_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NOT_A_NUMBER = re.compile(r"\.(nan|NaN|NAN)")
_DEEPEST = 30
_MOST_VALUES = 200_000  # aliases of aliases unfold to any number


def parse(text: str) -> Tree:
    """Return the tree of ``text``. Raises `InputError`."""
    try:
        with warnings.catch_warnings():  # YAML lets an anchor be named anew
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark is not None else None
        problem = Problem(f"no YAML: {error.problem or error.context}", line=line)
        raise InputError([problem]) from error
    except (YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise InputError([Problem(f"no YAML: {reason}")]) from error
    if root is None:
        raise InputError([Problem("the document is empty")])
    unfolding = _Unfolding()
    tree = unfolding.tree(root, 0)
    if unfolding.problems:
        raise InputError(unfolding.problems)
    return tree


class _Unfolding:
    """YAML's nodes -> a tree, every alias replaced by what it stands for."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.count = 0

    def tree(self, node: YamlNode, depth: int) -> Tree:
        line = node.start_mark.line + 1
        self.count += 1
        if self.count > _MOST_VALUES:
            text = f"more than {_MOST_VALUES} values, aliases unfolded"
            raise InputError([Problem(text, line=line)])
        if depth > _DEEPEST:
            # At once: what holds itself would be walked again and again.
            text = f"nested deeper than {_DEEPEST} levels"
            raise InputError([Problem(text, line=line)])
        if isinstance(node, MappingNode):
            return self.mapping(node, depth)
        if isinstance(node, SequenceNode):
            return Tree([self.tree(item, depth + 1) for item in node.value], line)
        if isinstance(node, ScalarNode):
            return Tree(_scalar(node), line)
        self.problems.append(Problem("not a value", line=line))
        return Tree(None, line)

    def mapping(self, node: MappingNode, depth: int) -> Tree:
        values: dict[str, Tree] = {}
        lines: dict[str, int] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                self.problems.append(Problem("a key must be plain text", line=line))
                continue
            if key.value in values:
                text = f"a second time; it stands on line {lines[key.value]} already"
                self.problems.append(Problem(text, key.value, line))
                continue
            value = self.tree(item, depth + 1)
            # An empty value begins where the next field does.
            values[key.value] = value if item.value else Tree(value.value, line)
            lines[key.value] = line
        return Tree(values, node.start_mark.line + 1, lines)


def _scalar(node: ScalarNode) -> Scalar:  # noqa: PLR0911 - one line a form
    text: str = node.value
    if node.style is not None:  # quoted or a block: text whatever it looks like
        return text
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text[0] in "tT"
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 300 else math.inf  # noqa: PLR2004 - int() refuses thousands of digits
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text):
        return -math.inf if text[0] == "-" else math.inf
    if _NOT_A_NUMBER.fullmatch(text):
        return math.nan
    return text
