"""The REST API. Views fetch what the caller may see, validate the body, call one service and answer."""
