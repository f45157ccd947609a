"""Rows and queries: the queue, search, the work page, the audit log and metrics."""
