"""Tests of what the doctor sees: each broken set-up is named with its mend."""
