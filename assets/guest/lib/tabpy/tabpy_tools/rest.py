"""The client's errors, and its requests as services of the host."""

import json

from tabcell_guest import service


class ResponseError(Exception):
    """An answer that is not the wanted one: status_code, message, info."""

    def __init__(self, status, text):
        super().__init__("Unexpected server response")
        self.status_code = status
        try:
            answer = json.loads(text)
            self.info, self.message = answer["info"], answer["message"]
        except (ValueError, KeyError, TypeError):
            self.info, self.message = None, text

    def __str__(self):
        return f"({self.status_code}) {self.message} {self.info}"


def request(name, endpoint="", body=b"", code=b""):
    """(status, text) of a service; a call that may ask for nothing gets the answer of a server without endpoints."""
    status, answer = service.ask(name, endpoint, body, code)
    if status < 0:
        return 403, '{"message": "Forbidden", "info": "This call may not use the endpoints of the server."}'
    return status, answer.decode("utf-8")


def answered(name, endpoint="", body=b"", code=b""):
    """The parsed answer of a service that did what was asked."""
    status, text = request(name, endpoint, body, code)
    if status not in (200, 201):
        raise ResponseError(status, text)
    return json.loads(text) if text else {}
