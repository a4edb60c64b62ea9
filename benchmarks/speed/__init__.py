"""How fast Backstride is beside the stock starter bot: `make bench`."""
