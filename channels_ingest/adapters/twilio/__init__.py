"""Twilio: text messages in by webhook, out by its REST API."""
