"""Browser stories: the bank, payment templates, autopay, refunds and reconciliation."""
