"""Tests of the tree of errors."""

import inspect
import pickle
import re
from typing import get_args

import pytest

from flows.core import errors
from flows.core.errors import FailureKind, NextcloseError

CLASSES = [found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, NextcloseError)]
GROUPS = {
    "Retryable": "retry",
    "WaitUntilTomorrow": "quota",
    "FixConfiguration": "configuration",
    "RejectSymbol": "symbol",
    "RejectData": "data",
}
ERROR = pytest.mark.parametrize("error", CLASSES, ids=lambda found: found.__name__)


def drawn_tree() -> dict[str, str]:
    """Return for each error in the module's drawing the one that it hangs from."""
    parents, trunk = {}, {0: "NextcloseError"}
    for bars, name in re.findall(r"^ {4}((?:│ {3}| {4})*)[├└]── (\w+)", str(errors.__doc__), re.MULTILINE):
        depth = len(bars) // 4
        parents[name] = trunk[depth]
        trunk[depth + 1] = name
    return parents


@ERROR
def test_an_error_travels_between_processes(error: type[NextcloseError]) -> None:
    """A pickled error comes back with its class and its message."""
    back = pickle.loads(pickle.dumps(error("IBM, fetch: it broke. Mend it")))  # noqa: S301 - our own bytes
    assert (error, "IBM, fetch: it broke. Mend it") == (type(back), str(back))


@ERROR
def test_an_error_has_a_kind(error: type[NextcloseError]) -> None:
    """The kind is one of those that `--json` documents."""
    assert error.kind in get_args(FailureKind)


@ERROR
def test_an_error_has_the_kind_of_its_group(error: type[NextcloseError]) -> None:
    """What to do about an error is decided by the group that it stands in."""
    kinds = [GROUPS[parent.__name__] for parent in error.__mro__ if parent.__name__ in GROUPS] or ["data"]
    assert kinds == [error.kind]


def test_the_drawing_shows_the_classes() -> None:
    """The tree at the top of the module is the tree of its classes."""
    expected = {found.__name__: found.__mro__[1].__name__ for found in CLASSES if found is not NextcloseError}
    assert expected == drawn_tree()


def test_the_drawing_shows_the_kinds() -> None:
    """Each group's kind stands beside its name in the drawing."""
    drawn = dict(re.findall(r"── (\w+) +kind \"(\w+)\"", str(errors.__doc__)))
    assert drawn == GROUPS
