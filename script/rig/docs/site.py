"""The whole site. Its navigation is docs/README.md: headings, and links under them.

A link to a folder stands for all pages in it. What is linked outside docs/ leads to
the repository's address.
"""

from collections.abc import Iterator, Mapping, Sequence
import html
import json
from os.path import relpath
from pathlib import Path, PurePosixPath
import re
import shutil
from string import Template
import tomllib
from typing import Final

from script.rig.docs.page import DeadLinkError, Page, render

HERE: Final = Path(__file__).parent
FRONT: Final = PurePosixPath("README.md")
_LINK: Final = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")

# What the pages of one heading are: title on the site and place in docs/.
type Navigation = Mapping[str, Sequence[tuple[str, PurePosixPath]]]
# A section in the index: address, title of the page, heading, text.
type Found = tuple[str, str, str, str]


def build(root: Path, target: Path, diagrams: Path) -> int:
    """Render ``root``/docs to ``target``, which is emptied; return how many pages.

    ``diagrams`` is the script that draws them. Raises DeadLinkError, which names the
    page and the link.
    """
    docs = root / "docs"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(docs, target, ignore=shutil.ignore_patterns("*.md"))
    for name in ("site.css", "site.js"):
        shutil.copy(HERE / name, target / name)
    shutil.copy(diagrams, target / "mermaid.js")

    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    sources = _texts(docs)
    navigation = _navigation(sources)
    template = Template((HERE / "page.html").read_text())
    index: list[Found] = []
    for place, text in sources.items():
        page = render(text, _Turn(root, place, sources, project["urls"]["Source"]))
        (target / _address(place)).write_text(
            template.substitute(
                title=html.escape(page.title),
                up=_up(place),
                diagrams=_drawn(place) if page.has_diagrams else "",
                navigation=_menu(navigation, place),
                content=page.html,
            )
        )
        index.extend(_found(place, page))
    # A script and no .json: a page that is opened from the disk may not fetch.
    (target / "search.js").write_text(f"const INDEX = {json.dumps(index)};\n")
    return len(sources)


def _texts(docs: Path) -> dict[PurePosixPath, str]:
    """Return each page's text; a folder without a README has a list of its pages."""
    texts = {
        PurePosixPath(path.relative_to(docs)): path.read_text()
        for path in sorted(docs.rglob("*.md"))
    }
    for folder in {place.parent for place in texts}:
        if folder / FRONT not in texts:
            pages = [p for p in texts if p.parent == folder]
            rows = "".join(f"- [{_title(texts[p])}]({p.name})\n" for p in pages)
            name = folder.name.capitalize().replace("-", " ")
            texts[folder / FRONT] = f"# {name}\n\n{rows}"
    return texts


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


def _navigation(texts: Mapping[PurePosixPath, str]) -> Navigation:
    sections: dict[str, list[tuple[str, PurePosixPath]]] = {}
    heading = ""
    for line in texts[FRONT].splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        for title, link in _LINK.findall(line):
            place = PurePosixPath(link)
            if place.suffix != ".md":
                place /= FRONT
            if heading and place in texts:
                sections.setdefault(heading, []).append((title, place))
    return sections


def _address(place: PurePosixPath) -> PurePosixPath:
    if place.name == FRONT.name:
        return place.with_name("index.html")
    return place.with_suffix(".html")


def _up(place: PurePosixPath) -> str:
    return "../" * (len(place.parts) - 1)


def _drawn(place: PurePosixPath) -> str:
    return f'<script src="{_up(place)}mermaid.js" defer></script>\n'


def _menu(navigation: Navigation, here: PurePosixPath) -> str:
    parts = []
    for heading, pages in navigation.items():
        items = []
        for title, place in pages:
            inside = place.name == FRONT.name and place.parent == here.parent
            current = ' aria-current="page"' if place == here or inside else ""
            address = f"{_up(here)}{_address(place)}"
            items.append(
                f'<li><a href="{address}"{current}>{html.escape(title)}</a></li>'
            )
        parts.append(f"<h2>{html.escape(heading)}</h2><ul>{''.join(items)}</ul>")
    return "".join(parts)


def _found(place: PurePosixPath, page: Page) -> Iterator[Found]:
    """Yield a row of the index for each section."""
    for anchor, heading, text in page.sections:
        yield f"{_address(place)}#{anchor}", page.title, heading, text


class _Turn:
    """Turns the links of one page into those of the site."""

    def __init__(
        self,
        root: Path,
        place: PurePosixPath,
        texts: Mapping[PurePosixPath, str],
        repository: str,
    ) -> None:
        self._root = root
        self._place = place
        self._texts = texts
        self._repository = repository

    def __call__(self, link: str) -> str:
        """Return the link of the site. Raises DeadLinkError."""
        if re.match(r"[a-z]+:|#", link):
            return link
        file, hash_mark, anchor = link.partition("#")
        docs = self._root / "docs"
        path = (docs / self._place.parent / file).resolve()
        if not path.exists():
            raise DeadLinkError(
                f"docs/{self._place} links to {link}, which is not there: mend it."
            )
        if not path.is_relative_to(docs):
            return f"{self._repository}/blob/main/{path.relative_to(self._root)}"
        place = PurePosixPath(path.relative_to(docs))
        if path.is_dir():
            place /= FRONT
        if place in self._texts:
            place = _address(place)
        start = _address(self._place).parent
        return f"{relpath(place, start)}{hash_mark}{anchor}"
