"""Tests of the S2 session and its control types."""
