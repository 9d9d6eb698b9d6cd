"""The slow loop's input: HOME and its series, put together for the worker."""
