"""The embedded default: what a run uses where nothing has been configured."""
