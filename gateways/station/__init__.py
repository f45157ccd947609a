"""The station's protocols: bytes in, `rules.events.events.Report` out; nothing here stores or decides."""
