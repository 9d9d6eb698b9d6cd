"""One page of Markdown as HTML: its title, its text to search, its links turned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

# From the link as it is written to the link on the site.
type Turn = Callable[[str], str]


class DeadLinkError(Exception):
    """A page links to what is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page that is rendered. ``sections`` are anchor, heading and text of each."""

    title: str
    html: str
    sections: Sequence[tuple[str, str, str]]


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def render(text: str, turn: Turn) -> Page:
    """Render CommonMark with tables."""
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(text)
    sections = _name_sections(tokens)
    for token in tokens:
        for child in token.children or ():
            for attribute in ("href", "src"):
                link = child.attrGet(attribute)
                if isinstance(link, str):
                    child.attrSet(attribute, turn(link))
    title = sections[0][1] if sections else ""
    html = markdown.renderer.render(tokens, markdown.options, {})
    return Page(title=title, html=html, sections=sections)


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
