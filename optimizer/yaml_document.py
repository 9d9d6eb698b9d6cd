"""Text -> a tree that knows its lines: YAML 1.2, core schema; JSON is part of it.

Clock times and dates stay text, as do `yes` and `no`: only what the core schema
of YAML 1.2 names is a number, a truth value or null. The worker is given JSON
and does without this module and its library.
"""

import math
import re

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
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


def parse(text: str) -> Tree:
    """Return the tree of ``text``. Raises `InputError`."""
    try:
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
    problems: list[Problem] = []
    tree = _tree(root, problems, 0)
    if problems:
        raise InputError(problems)
    return tree


def _tree(node: YamlNode, problems: list[Problem], depth: int) -> Tree:
    line = node.start_mark.line + 1
    if depth > _DEEPEST:
        problems.append(Problem(f"nested deeper than {_DEEPEST} levels", line=line))
        return Tree(None, line)
    if isinstance(node, MappingNode):
        return _mapping(node, problems, depth)
    if isinstance(node, SequenceNode):
        return Tree([_tree(item, problems, depth + 1) for item in node.value], line)
    if isinstance(node, ScalarNode):
        return Tree(_scalar(node), line)
    problems.append(Problem("not a value", line=line))
    return Tree(None, line)


def _mapping(node: MappingNode, problems: list[Problem], depth: int) -> Tree:
    values: dict[str, Tree] = {}
    lines: dict[str, int] = {}
    for key, item in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            problems.append(Problem("a key must be plain text", line=line))
            continue
        if key.value in values:
            text = f"a second time; it stands on line {lines[key.value]} already"
            problems.append(Problem(text, key.value, line))
            continue
        values[key.value] = _tree(item, problems, depth + 1)
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
