"""The tests mirror flows/ and blocks/."""
