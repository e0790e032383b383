"""What each task does, as plain functions that run without Prefect."""

from flows.steps.evaluating import Comparable, comparable, evaluate, evaluation_recipe, keep, show
from flows.steps.fetching import clean, fetch, is_outdated, share
from flows.steps.forecasting import forecast, record, usable_history
from flows.steps.recipes import recipe_for
from flows.steps.run import Run
from flows.steps.splitting import ask_about, jumps_before, unanswered
from flows.steps.streaming import Consumed, connect, consume, produce
from flows.steps.telling import entry, explain, notify, report

__all__ = [
    "Comparable",
    "Consumed",
    "Run",
    "ask_about",
    "clean",
    "comparable",
    "connect",
    "consume",
    "entry",
    "evaluate",
    "evaluation_recipe",
    "explain",
    "fetch",
    "forecast",
    "is_outdated",
    "jumps_before",
    "keep",
    "notify",
    "produce",
    "recipe_for",
    "record",
    "report",
    "share",
    "show",
    "unanswered",
    "usable_history",
]
