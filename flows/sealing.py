"""No error leaves a task with a secret in it: Prefect would log it, keep it and show it, before anybody could look at it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flows.core.redaction import sealed
from flows.parts import Parts

P = ParamSpec("P")
T = TypeVar("T")


def keeps_secrets(work: Callable[P, T]) -> Callable[P, T]:
    """Return a task's work, from which no error comes that holds a secret of the parts that it is given."""

    @wraps(work)
    def sealed_work(*given: P.args, **named: P.kwargs) -> T:
        secrets = [secret for one in (*given, *named.values()) if isinstance(one, Parts) for secret in one.secrets]
        with sealed(secrets):
            return work(*given, **named)

    return sealed_work
