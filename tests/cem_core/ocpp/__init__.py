"""Tests of charging stations and the central system."""
