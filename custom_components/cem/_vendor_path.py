"""Make ``cem_core`` and ``optimizer`` importable, wherever this integration lies.

A release holds both in ``_vendor/``; a checkout has them beside
``custom_components/``. Only these two names are resolved here, and before anyone
else is asked: ``sys.path`` stays as it was, and a foreign package that happens to
be called ``optimizer`` cannot win.
"""

from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
import sys
from types import ModuleType
from typing import Final, override

PACKAGES: Final = ("cem_core", "optimizer")
HERE: Final = Path(__file__).resolve().parent


class VendorFinder(MetaPathFinder):
    """Finds the packages that come with this integration, and nothing else."""

    def __init__(self, root: Path) -> None:
        """Look in ``root``, which holds every package."""
        self.root = root

    @override
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Resolve a package; its submodules then follow from its own path."""
        if fullname not in PACKAGES:
            return None
        return PathFinder.find_spec(fullname, [str(self.root)], target)


def install(integration: Path = HERE) -> None:
    """Put the finder first, once, or say why the packages cannot be had."""
    root = _root(integration)
    for name in PACKAGES:
        loaded = sys.modules.get(name)
        if loaded and loaded.__file__ != str(root / name / "__init__.py"):
            msg = (
                f"Another package named {name} is already loaded, from "
                f"{loaded.__file__}: the Consumer Energy Manager cannot use its own."
            )
            raise ImportError(msg, name=name)
    finders = (found for found in sys.meta_path if isinstance(found, VendorFinder))
    if root not in (finder.root for finder in finders):
        sys.meta_path.insert(0, VendorFinder(root))


def _root(integration: Path) -> Path:
    """Return the folder that holds the packages."""
    for root in (integration / "_vendor", integration.parent.parent):
        if all((root / name / "__init__.py").is_file() for name in PACKAGES):
            return root
    msg = (
        f"The packages {' and '.join(PACKAGES)} are missing: {integration} is a lone "
        "copy of the integration folder. Install cem.zip, which holds all of it, from "
        "https://github.com/cem-home/cem/releases, or through HACS."
    )
    raise ImportError(msg)
