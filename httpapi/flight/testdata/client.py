"""client.py HTTP_URL FLIGHT_URI: uses the Flight service as a client with accounts does. The server
has the accounts user1 and user2 of auth_test.go, and a fake engine."""

import base64
import json
import sys
import urllib.request

import numpy as np
import pyarrow as pa
import pyarrow.flight as flight

http, uri = sys.argv[1:3]
client = flight.FlightClient(uri)


def refused(expected, call):
    try:
        call()
    except flight.FlightError as e:
        assert isinstance(e, expected), e
    except pa.ArrowException as e:
        assert isinstance(e, expected), e
    else:
        raise AssertionError("it was accepted")


path = flight.FlightDescriptor.for_path("large")
refused(flight.FlightUnauthenticatedError, lambda: client.get_flight_info(path))
refused(flight.FlightUnauthenticatedError, lambda: client.authenticate_basic_token("user2", "wrong"))

token = client.authenticate_basic_token(b"user2", b"second")
assert token[0] == b"authorization" and token[1].startswith(b"Bearer ") and len(token[1]) == 50, token
options = flight.FlightCallOptions(headers=[token], timeout=120)
assert [a.type for a in client.list_actions(options)] == ["getUniquePath", "clear"]

# one message of 80 MB, and the same in batches
numbers = pa.table({f"f{c}": np.arange(1_000_000) / 8 + c for c in range(10)})
for chunk in (None, 65536):
    writer, _ = client.do_put(path, numbers.schema, options)
    with writer:
        writer.write_table(numbers, max_chunksize=chunk)
    info = client.get_flight_info(path, options)
    assert info.total_records == 1_000_000 and info.schema.equals(numbers.schema), info
    assert 80_000_000 < info.total_bytes < 80_100_000, info.total_bytes
    request = urllib.request.Request(http + "/evaluate", json.dumps({"script": "return _arg1", "dataPath": "large"}).encode())
    request.add_header("Authorization", "Basic " + base64.b64encode(b"user2:second").decode())
    with urllib.request.urlopen(request) as response:
        out = json.load(response)["outputDataPath"]
    ticket = client.get_flight_info(flight.FlightDescriptor.for_path(out), options).endpoints[0].ticket
    assert client.do_get(ticket, options).read_all().equals(numbers)
    refused(flight.FlightServerError, lambda: client.do_get(ticket, options).read_all())

# compressed, nested, dictionaries, no rows, no columns: the host passes all of them on
for table, compression in (
    (numbers.slice(0, 1000), "zstd"),
    (pa.table({"d": pa.array(["a", "b", "a"]).dictionary_encode(), "l": [[1], [], None]}), None),
    (numbers.slice(0, 0), None),
    (pa.table({}), None),
):
    ipc = pa.ipc.IpcWriteOptions(compression=compression)
    writer, _ = client.do_put(path, table.schema, flight.FlightCallOptions(headers=[token], write_options=ipc))
    with writer:
        writer.write_table(table)
    got = client.do_get(flight.Ticket(b"(1,None,(b'large',))"), options).read_all()
    assert got.equals(table), (got, table)

# half a stream: the writer is closed after the first batch, and the reader after the first chunk
writer, _ = client.do_put(path, numbers.schema, options)
writer.write_table(numbers.slice(0, 10))
writer.close()
assert client.get_flight_info(path, options).total_records == 10
writer, _ = client.do_put(path, numbers.schema, options)
with writer:
    writer.write_table(numbers, max_chunksize=1000)
reader = client.do_get(flight.Ticket(b"(1, None, (b'large',))"), options)
reader.read_chunk()
reader.cancel()
refused(pa.ArrowKeyError, lambda: client.get_flight_info(path, options))
assert list(client.list_flights(b"", options)) == []
print("ok")
