"""Rows and queries: the ledger, accruals, statements, fiscal receipts, corrections and debts."""
