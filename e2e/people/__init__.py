"""Browser stories: subscribers, their contracts, sites, services and preferences, and announcements to
them.
"""
