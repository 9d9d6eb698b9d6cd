"""S2 (EN 50491-12-2): devices that describe their flexibility and take instructions.

Pure: messages in, messages out; the WebSocket is in `cem_core.transport`. The CEM is
one side of the standard, a resource manager (RM) speaks for the device on the other.
Message types and their checks are those of the package s2-python; source of what is
said here: flexiblepower/s2-ws-json, version 0.0.2-beta.
"""
