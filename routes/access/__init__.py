"""Handlers: sign-in, registration, codes, sessions, second factors, representatives and staff accounts."""
