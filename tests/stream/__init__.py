"""Kafka: librdkafka's own mock cluster is the broker."""
