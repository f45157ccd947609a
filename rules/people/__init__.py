"""Rules: subscribers, their contracts, sites, services and preferences, and announcements to them."""
