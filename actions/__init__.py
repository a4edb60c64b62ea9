"""Rasa's custom actions: read the tracker, call a plain function, say it, return events."""
