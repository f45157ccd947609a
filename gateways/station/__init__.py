"""The station's protocols: bytes in, `rules.events.Report` out; nothing here stores or decides."""
