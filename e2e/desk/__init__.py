"""Browser stories: the queue, search, the work page, the audit log and metrics."""
