"""Rows and queries: sign-in, registration, codes, sessions, second factors, representatives and staff
accounts.
"""
