"""What is remembered: every test has an SQLite file of its own."""
