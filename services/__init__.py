"""The outside world: each service a port, a real adapter and a simulator."""
