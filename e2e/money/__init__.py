"""Browser stories: the ledger, accruals, statements, fiscal receipts, corrections and debts."""
