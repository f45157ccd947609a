"""Rules for parsing lines of the registry's export."""
