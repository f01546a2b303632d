"""The HTTP API and the officer's page: one council's commands and read models, to those allowed."""
