"""The sandbox bank of a demonstration: YooKassa's API, its payment page, its small database."""
