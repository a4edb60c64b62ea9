"""What the web channel needs and Rasa does not: ids, origins, missed messages, files."""
