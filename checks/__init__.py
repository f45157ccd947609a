"""Measurements, never part of the tests: bench, audit, chaos."""
