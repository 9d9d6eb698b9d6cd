"""The JSON that gateways and bridges make of a meter -> `Reading`. Pure.

One file a form, each a function of the parsed document. A ValueError names what
is wrong in it.
"""
