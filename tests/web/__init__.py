"""Tests: what handlers share."""
