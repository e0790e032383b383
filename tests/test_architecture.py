"""Who may import whom: read from the imports, so that the house keeps its walls."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("flows", "blocks")
ENTRYPOINTS = (
    "flows.evaluate_models",
    "flows.forecast_symbol",
    "flows.forecast_watchlist",
    "flows.stream_forecasts",
)

ALLOWED = {
    "flows.core": ("flows.core",),
    "blocks": ("blocks", "flows.core"),
    "flows.sources": ("flows.sources", "flows.core"),
    "flows.stream": ("flows.stream", "flows.core"),
    "flows.ledger": ("flows.ledger", "flows.core"),
    "flows.publishers": ("flows.publishers", "flows.core", "flows.ledger"),
    "flows.embedded": ("flows.embedded", "flows.core", "flows.sources", "flows.stream", "blocks"),
    "flows.parameters": ("flows.core",),
    "flows.forecast_": ("flows.parameters", "flows.core", "flows.story", "flows.watchlist"),
    "flows.evaluate_models": ("flows.parameters", "flows.core", "flows.evaluation_story", "flows.watchlist"),
    "flows.stream_forecasts": ("flows.parameters", "flows.core", "flows.stream_story"),
}
FORBIDDEN = {
    "flows.core": (
        "prefect",
        "requests",
        "confluent_kafka",
        "sqlalchemy",
        "os",
        "pathlib",
        "socket",
        "time",
        "logging",
    ),
    "flows.sources": ("prefect", "prefect_email"),
    "flows.stream": ("prefect", "prefect_email"),
    "flows.ledger": ("prefect", "prefect_email"),
}
MODEL_LIBRARIES = ("statsmodels", "statsforecast", "sklearn", "xgboost", "arch")
FILES = sorted(path for package in OURS for path in (ROOT / package).rglob("*.py"))


def module(path: Path) -> str:
    """Return a file's module name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    """Return every module that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.add(str(node.module))
            found |= {f"{node.module}.{alias.name}" for alias in node.names if str(node.module) in OURS}
    return found


def within(name: str, packages: tuple[str, ...]) -> bool:
    """Say whether a module is one of these or below one of them."""
    return any(name == package or name.startswith(package + ".") for package in packages)


def lies_in(name: str, room: str) -> bool:
    """Say whether a module belongs to a room of the house; a name that ends with _ stands for all that begin so."""
    return name.startswith(room) if room.endswith("_") else within(name, (room,))


@pytest.mark.parametrize("path", FILES, ids=module)
def test_each_module_imports_only_what_it_may(path: Path) -> None:
    """The table of the design, read from the imports."""
    name = module(path)
    for room, allowed in ALLOWED.items():
        if lies_in(name, room):
            ours = {found for found in imports(path) if within(found, OURS) and found not in OURS}
            assert not {found for found in ours if not within(found, allowed)}
    for room, forbidden in FORBIDDEN.items():
        if lies_in(name, room):
            assert not {found for found in imports(path) if within(found, forbidden)}


@pytest.mark.parametrize("path", FILES, ids=module)
def test_model_libraries_stay_in_their_room(path: Path) -> None:
    """Only core.models knows which library computes a model; GARCH's stands in a method for intervals."""
    if not module(path).startswith(("flows.core.models", "flows.core.intervals.garch_t")):
        assert not {found for found in imports(path) if within(found, MODEL_LIBRARIES)}


@pytest.mark.parametrize("path", FILES, ids=module)
def test_entrypoints_are_imported_by_the_command_line_only(path: Path) -> None:
    """Prefect loads an entrypoint under another name; whoever imports it too would meet two of each class."""
    if not module(path).startswith("flows.cli"):
        assert not {found for found in imports(path) if within(found, ENTRYPOINTS)}


@pytest.mark.parametrize("path", [ROOT / f"{name.replace('.', '/')}.py" for name in ENTRYPOINTS], ids=str)
def test_an_entrypoint_holds_only_its_flow(path: Path) -> None:
    """A class or task defined there could not be unpickled by another process."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    definitions = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)]
    assert [ast.FunctionDef] == [type(node) for node in definitions]
