"""The pages in docs/ hold what they promise."""
