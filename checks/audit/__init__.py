"""What outside tools say of the cabinet: `make audit`. Its fast part is e2e/test_reach.py."""
