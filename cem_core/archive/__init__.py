"""What is kept on disk for years: load curves."""

from cem_core.archive.curve_archive import ArchiveError, CurveArchive

__all__ = ["ArchiveError", "CurveArchive"]
