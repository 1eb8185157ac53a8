"""Endpoints as the client tells of them."""

import datetime

_EPOCH = datetime.datetime(1970, 1, 1)
_TIMES = ("creation_time", "last_modified_time")


class Endpoint(dict):
    """What is known of an endpoint, by key and by attribute; times are datetimes in UTC."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"_{name} has not been set yet.") from None

    def __setattr__(self, name, value):
        self[name] = value

    @classmethod
    def from_answer(cls, name, info):
        """From what the server tells."""
        endpoint = cls(info, name=name)
        for key in _TIMES:
            if key in endpoint:
                endpoint[key] = _EPOCH + datetime.timedelta(seconds=endpoint[key])
        return endpoint

    def to_request(self):
        """For a request: times as seconds, without what is not set."""
        told = {key: value for key, value in self.items() if value is not None}
        return told | {key: (told[key] - _EPOCH).total_seconds() for key in _TIMES if key in told}
