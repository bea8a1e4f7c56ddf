"""A software trial device: real GBCS octets in and out, and faults on request."""
