"""What is allowed: values in, a plan out, or `Refused`. Nothing here touches the network, the file or the
clock.
"""


class Refused(ValueError):
    """What was asked cannot be done. `problems` maps a form field to a Russian sentence saying what to do
    next.

    A ValueError, so that one raised by a field's validator lets the other fields be looked at too.
    The key "form" speaks of the whole form rather than one field.

    """

    def __init__(self, **problems: str) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems
