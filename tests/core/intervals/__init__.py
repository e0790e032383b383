"""The methods for intervals: what all of them promise, and what the default one is measured to keep."""
