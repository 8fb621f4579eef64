"""Webhooks of providers, and the settings pages of channels and of the inbound ledger."""
