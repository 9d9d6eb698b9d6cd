"""One page of Markdown as HTML: its title, its text to search, its links turned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
import html
from itertools import pairwise
import re
from typing import Any

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

# From the link as it is written to the link on the site.
type Turn = Callable[[str], str]


class DeadLinkError(Exception):
    """A page links to what is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that is rendered. ``sections`` are anchor, heading and text of each."""

    title: str
    html: str
    has_diagrams: bool
    sections: Sequence[tuple[str, str, str]]


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def render(text: str, turn: Turn) -> Page:
    """Render CommonMark with tables; TeX becomes MathML, which browsers draw."""
    markdown = MarkdownIt("commonmark").enable("table")
    dollarmath_plugin(markdown, allow_space=False, renderer=_equation)
    markdown.add_render_rule("fence", _fence)
    tokens = markdown.parse(text)
    sections = _name_sections(tokens)
    for token in tokens:
        for child in token.children or ():
            for attribute in ("href", "src"):
                link = child.attrGet(attribute)
                if isinstance(link, str):
                    child.attrSet(attribute, turn(link))
    title = sections[0][1] if sections else ""
    return Page(
        title=title,
        html=markdown.renderer.render(tokens, markdown.options, {}),
        has_diagrams=any(map(_is_diagram, tokens)),
        sections=sections,
    )


def _equation(tex: str, options: Mapping[str, Any]) -> str:
    display = "block" if options["display_mode"] else "inline"
    return convert(tex, display=display)


def _is_diagram(token: Token) -> bool:
    return token.type == "fence" and token.info.strip() == "mermaid"


def _fence(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any
) -> str:
    if _is_diagram(tokens[at]):
        return f'<pre class="mermaid">{html.escape(tokens[at].content)}</pre>\n'
    return renderer.fence(tokens, at, options, env)


def _name_sections(tokens: Sequence[Token]) -> list[tuple[str, str, str]]:
    """Give each heading its anchor, and return what stands under each."""
    sections: list[tuple[str, str, str]] = []
    seen: dict[str, int] = {}
    words: list[str] = []
    for before, token in pairwise(tokens):
        if before.type == "heading_open":
            heading = _plain(token)
            anchor = slug(heading)
            again = seen[anchor] = seen.get(anchor, -1) + 1
            anchor = f"{anchor}-{again}" if again else anchor
            before.attrSet("id", anchor)
            if sections:
                sections[-1] = (*sections[-1][:2], " ".join(words))
            words = []
            sections.append((anchor, heading, ""))
        elif token.type in {"inline", "fence"} and sections:
            words.append(_plain(token))
    if sections:
        sections[-1] = (*sections[-1][:2], " ".join(words))
    return sections


def _plain(token: Token) -> str:
    """Return the text of a token without its marks."""
    if token.children is None:
        return token.content
    kinds = {"text", "code_inline", "softbreak"}
    return "".join(t.content or " " for t in token.children if t.type in kinds)
