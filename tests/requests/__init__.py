"""Tests: kinds of request, decisions, dialogue, attachments, drafts, effects and blank forms."""
