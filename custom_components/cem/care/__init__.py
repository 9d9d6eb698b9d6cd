"""What a home needs of its owner: repairs, and all that is kept of it."""
