"""Where readings of the grid connection point come from."""
