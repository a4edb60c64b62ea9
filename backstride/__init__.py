"""What Backstride thinks: plain Python, with no Rasa in it outside `backstride.rasa`."""
