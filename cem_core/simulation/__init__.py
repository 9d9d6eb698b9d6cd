"""A home with physics that speaks the real protocols."""
