"""Where things are: addresses and secrets, as Prefect blocks. Importing this registers them."""

from prefect_email import EmailServerCredentials

from blocks.alerts import MailAlerts
from blocks.alpha_vantage import AlphaVantageCredentials
from blocks.csv_files import CsvFiles
from blocks.kafka import KafkaCluster
from blocks.ledger import Ledger

__all__ = ["AlphaVantageCredentials", "CsvFiles", "EmailServerCredentials", "KafkaCluster", "Ledger", "MailAlerts"]
