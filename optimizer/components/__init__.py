"""One kind of device a file."""
