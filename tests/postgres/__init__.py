"""Tests against a real PostgreSQL, which the test session starts and stops."""
