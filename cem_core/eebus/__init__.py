"""EEBUS: SHIP connections and SPINE messages, pure; links to the wire at the edge.

Sources: EEBus SHIP 1.0.1 and SPINE 1.3.0, as their public implementations speak them.
"""
