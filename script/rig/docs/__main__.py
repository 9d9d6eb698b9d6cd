"""Render the documentation; run by script/docs."""

from pathlib import Path
import sys

from script.rig.docs.page import DeadLinkError
from script.rig.docs.site import build

ROOT = Path(__file__).resolve().parents[3]
TARGET = ROOT / "dist" / "docs"
DIAGRAMS = ROOT / "frontend/node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"

try:
    pages = build(ROOT, TARGET, DIAGRAMS)
except DeadLinkError as error:
    sys.exit(f"docs: {error}")
print(f"docs: {pages} pages, open {TARGET.relative_to(ROOT)}/index.html")
