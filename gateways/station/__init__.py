"""The station's protocols: bytes in, `StationReport` out. Nothing is stored or decided here."""
