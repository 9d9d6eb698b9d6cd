"""A whole home on one machine: broker, simulated devices, a real Home Assistant.

Shared by the demo and the end-to-end tests. It starts what a user would start
and talks to it as a user or a device would: over the network, never by import.
"""
