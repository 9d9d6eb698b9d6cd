"""Tests of what plans are made of."""
