"""Rows and queries: subscribers, their contracts, sites, services and preferences, and announcements to
them.
"""
