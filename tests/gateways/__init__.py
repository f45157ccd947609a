"""Tests: SMS, mail and the outbox."""
