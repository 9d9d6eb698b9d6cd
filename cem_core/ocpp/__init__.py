"""OCPP 1.6J and 2.0.1 (Open Charge Alliance): what a charging station is and is told.

Pure. The central system, which speaks with stations over WebSockets by means of the
package ocpp, is in `cem_core.transport`.
"""
