"""Measurements on messages that nobody trains on."""
