"""Tests of publishers."""
