"""The same pages on other frameworks, as their documentation teaches: entities loaded by the ORM, a session a
request, the framework's own sessions or cookies. What the page says is computed by the product's rules and
printed by its templates through each framework's Jinja, so only the framework and the way to the data differ.
"""
