"""The same job without Prefect, ledger or calendar, as one would write it on an evening; nothing of ours is in it."""

import json
import smtplib
import sys
import uuid
from email.message import EmailMessage

import numpy as np
import requests
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from statsmodels.tsa.arima.model import ARIMA


def closes(url: str, symbol: str) -> list[tuple[str, float]]:
    """Ask the market."""
    answer = requests.get(url, {"function": "TIME_SERIES_DAILY", "symbol": symbol}, timeout=10).json()
    return sorted((day, float(row["4. close"])) for day, row in answer["Time Series (Daily)"].items())


def over_kafka(broker: str, symbol: str, rows: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Send all rows, and read them back."""
    topic = f"bare.{uuid.uuid4().hex}"
    producer = Producer({"bootstrap.servers": broker})
    for row in rows:
        producer.produce(topic, json.dumps(row), symbol)
    if producer.flush(10):
        raise TimeoutError(topic)
    consumer = Consumer({"bootstrap.servers": broker, "group.id": topic, "auto.offset.reset": "earliest"})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, one, OFFSET_BEGINNING) for one in partitions])
    found: list[tuple[str, float]] = []
    while len(found) < len(rows):
        for message in consumer.consume(len(rows) - len(found), timeout=1.0):
            if (error := message.error()) is not None:
                raise KafkaException(error)
            day, close = json.loads(message.value() or b"")
            found.append((day, close))
    consumer.close()
    return sorted(found)


def main(url: str, broker: str, port: str, symbol: str) -> None:
    """Fetch, send, read, forecast, mail."""
    rows = over_kafka(broker, symbol, closes(url, symbol))
    fitted = ARIMA(np.array([close for _, close in rows]), order=(1, 1, 0)).fit()
    message = EmailMessage()
    message["From"], message["To"] = "bench@example.org", "reader@example.org"
    message["Subject"] = f"{symbol}: {fitted.forecast(1)[0]:.2f}"
    message.set_content(f"After {rows[-1][0]}: {fitted.forecast(1)[0]:.2f}")
    with smtplib.SMTP("127.0.0.1", int(port), timeout=10) as server:
        server.send_message(message)


if __name__ == "__main__":
    main(*sys.argv[1:])
