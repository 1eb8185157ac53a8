"""Endpoints as TabPy's client represents them."""

import datetime

_EPOCH = datetime.datetime(1970, 1, 1)
_TIMES = ("creation_time", "last_modified_time")


class Endpoint(dict):
    """The properties of an endpoint, by key and by attribute. Times are datetimes in UTC."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"_{name} has not been set yet.") from None

    def __setattr__(self, name, value):
        self[name] = value

    @classmethod
    def from_response(cls, name, info):
        """Returns the endpoint that the server describes."""
        endpoint = cls(info, name=name)
        for key in _TIMES:
            if key in endpoint:
                endpoint[key] = _EPOCH + datetime.timedelta(seconds=endpoint[key])
        return endpoint

    def to_request(self):
        """Returns the properties that are set, with times in seconds, for a request."""
        properties = {key: value for key, value in self.items() if value is not None}
        return properties | {key: (properties[key] - _EPOCH).total_seconds() for key in _TIMES if key in properties}
