"""Where things are: addresses and secrets, as Prefect blocks. Importing this registers them."""

from prefect_email import EmailServerCredentials

from blocks.alerts import MailAlerts
from blocks.alpha_vantage import AlphaVantageCredentials
from blocks.kafka import KafkaCluster
from blocks.ledger import Ledger

__all__ = ["AlphaVantageCredentials", "EmailServerCredentials", "KafkaCluster", "Ledger", "MailAlerts"]
