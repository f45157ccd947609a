"""Handlers, by domain; what they share is in web/."""
