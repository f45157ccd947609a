"""Handlers: the ledger, accruals, statements, fiscal receipts, corrections and debts."""
