"""One driver a file, behind small capability protocols."""
