"""Conversations, their entries and deliveries, and the timelines, for programs."""
