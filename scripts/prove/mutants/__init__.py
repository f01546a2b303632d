"""Mistakes made on purpose, as data: `seeded.toml`. Each must be seen by the test it names."""
