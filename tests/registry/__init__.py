"""Tests: imports of the registry."""
