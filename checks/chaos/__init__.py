"""Trouble made on purpose, around the cabinet run as an operator runs it: `make chaos`, `make concurrency`,
`make abuse`.

Nothing here is a part of the product or of its tests. Only this machine's own addresses are ever spoken to.
"""
