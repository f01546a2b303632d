"""The pages of counter staff: finding a household, acting for its residents, deciding, paper."""
