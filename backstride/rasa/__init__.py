"""Where Backstride meets Rasa: NLU components, policies and channels."""
