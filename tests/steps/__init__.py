"""Steps without Prefect."""
