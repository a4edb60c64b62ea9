"""What each chat service sends and takes, as plain functions: no Rasa, no network but its API."""
