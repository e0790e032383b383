"""Tests of a real site: server, worker, deployments, automations, as `make up` leaves them."""
