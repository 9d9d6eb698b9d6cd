"""What a home's history tells: forecasts, and models of its devices (numpy only).

Pure: time and history are arguments; nothing here sees what comes after "now".
"""
