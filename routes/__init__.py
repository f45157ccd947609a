"""Request handlers by domain; code they share is in web/."""
