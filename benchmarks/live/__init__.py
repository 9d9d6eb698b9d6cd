"""What only a real Home Assistant shows: latency, stalls and memory.

The newest Home Assistant with the release in it, a simulated home, a broker.
"""
