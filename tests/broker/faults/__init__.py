"""Faults on the real broker, each in a short form and in a long one (`-m torture`)."""
