"""Tests of rules, of HTTP and of the project itself. Passwords are hashed here at argon2's least cost:
nothing is guarded.
"""

from argon2 import PasswordHasher

from db.access import passwords

passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
passwords._dummy_hash = passwords._hasher.hash("nobody")
