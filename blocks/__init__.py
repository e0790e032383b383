"""Where things are: addresses and secrets, as Prefect blocks. Importing this registers them."""
