"""The errors of TabPy's client, and its requests, which are services of the host."""

import json

from tabcell_guest import service


class ResponseError(Exception):
    """A response with an error status. Attributes: status_code, message, info."""

    def __init__(self, status, text):
        super().__init__("Unexpected server response")
        self.status_code = status
        try:
            response = json.loads(text)
            self.info, self.message = response["info"], response["message"]
        except (ValueError, KeyError, TypeError):
            self.info, self.message = None, text

    def __str__(self):
        return f"({self.status_code}) {self.message} {self.info}"


def request(name, endpoint="", body=b"", code=b""):
    """Returns the HTTP status and the text of a service's response. The status is 403 if the call
    may not use services."""
    status, response = service.call(name, endpoint, body, code)
    if status < 0:
        return 403, '{"message": "Forbidden", "info": "This call may not use the endpoints of the server."}'
    return status, response.decode("utf-8")


def fetch(name, endpoint="", body=b"", code=b""):
    """Returns the parsed response of a service. Raises ResponseError if the status is not 200 or
    201."""
    status, text = request(name, endpoint, body, code)
    if status not in (200, 201):
        raise ResponseError(status, text)
    return json.loads(text) if text else {}
