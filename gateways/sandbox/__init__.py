"""The embedded bank of a demonstration: YooKassa's API, its payment page, its small file."""
