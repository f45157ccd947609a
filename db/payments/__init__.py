"""Rows and queries: the bank, payment templates, autopay, refunds and reconciliation."""
