"""Kafka: what a record looks like, which topics there are, how records get there and back."""
