"""Rules: what a line of the registry's export may say."""
